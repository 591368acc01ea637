# What MySQL itself may read.
path "kv/data/infra/mysql" {
  capabilities = ["read"]
}
