# What gives the clients their secrets may read.
path "kv/data/infra/keycloak" {
  capabilities = ["read"]
}

path "kv/data/bookstore/+/keycloak" {
  capabilities = ["read"]
}
