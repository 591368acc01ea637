# MySQL with the six databases. Where a cloud has one, leave this out and put its address into Vault.

variable "storage" {
  description = "how much it keeps"
  type        = string
}

module "release" {
  source = "../release"
  name   = "mysql"
  own    = "server"
  values = [
    file("${path.module}/../../../charts/server/mysql.yaml"),
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
