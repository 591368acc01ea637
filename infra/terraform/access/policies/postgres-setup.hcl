# What makes the two databases may read.
path "kv/data/infra/postgres" {
  capabilities = ["read"]
}

path "kv/data/infra/conductor" {
  capabilities = ["read"]
}

path "kv/data/infra/keycloak" {
  capabilities = ["read"]
}
