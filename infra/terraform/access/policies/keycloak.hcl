# What Keycloak itself may read.
path "kv/data/infra/keycloak" {
  capabilities = ["read"]
}
