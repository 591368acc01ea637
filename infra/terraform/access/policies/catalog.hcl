# What catalog's pods may read: catalog's own, and nobody else's.
path "kv/data/bookstore/catalog/*" {
  capabilities = ["read"]
}
