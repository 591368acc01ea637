# Conductor, on PostgreSQL: on SQLite it loses sagas under load. Its settings are compose.yaml's.

module "release" {
  source  = "../release"
  name    = "conductor"
  own     = "server"
  timeout = 900 # its image is large and it starts slowly
  values = [
    file("${path.module}/../../../charts/server/conductor.yaml"),
    yamlencode({
      files = {
        "conductor.properties" = replace(
          file("${path.module}/../../../../deploy/compose/conductor.properties"),
          "postgres:5432", "postgres.postgres:5432"
        )
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
