# PostgreSQL for Conductor and Keycloak, a database and an account for each.

variable "storage" {
  description = "how much it keeps"
  type        = string
}

module "release" {
  source = "../release"
  name   = "postgres"
  own    = "server"
  values = [
    file("${path.module}/../../../charts/server/postgres.yaml"),
    yamlencode({
      storage = var.storage
      files   = { "databases.sh" = file("${path.module}/databases.sh") }
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
