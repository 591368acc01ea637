# Keycloak with our realm. The realm's file has no secret; a Job gives its clients the services' own.

variable "address" {
  description = "how clients name it, as in https://id.bookstore.example"
  type        = string
}

variable "image" {
  description = "deploy/docker/keycloak.Dockerfile, where it was pushed"
  type        = string
}

module "release" {
  source = "../release"
  name   = "keycloak"
  own    = "server"
  values = [
    file("${path.module}/../../../charts/server/keycloak.yaml"),
    yamlencode({
      image = var.image
      env   = { KC_HOSTNAME = var.address }
      files = {
        "realm.json" = file("${path.module}/../../../../deploy/keycloak/realm.json")
        "secrets.sh" = file("${path.module}/../../../../deploy/keycloak/secrets.sh")
        "clients.sh" = file("${path.module}/clients.sh")
      }
    }),
  ]
}

output "namespace" {
  description = "where it is"
  value       = module.release.namespace
}

output "values" {
  description = "what the chart was told"
  value       = module.release.values
}
