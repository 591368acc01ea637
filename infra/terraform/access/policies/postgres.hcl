# What PostgreSQL itself may read.
path "kv/data/infra/postgres" {
  capabilities = ["read"]
}
