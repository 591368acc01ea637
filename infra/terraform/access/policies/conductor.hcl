# What Conductor may read.
path "kv/data/infra/conductor" {
  capabilities = ["read"]
}
