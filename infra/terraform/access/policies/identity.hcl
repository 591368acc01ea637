# What identity's pods may read: identity's own, and nobody else's.
path "kv/data/bookstore/identity/*" {
  capabilities = ["read"]
}
