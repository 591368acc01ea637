# What inventory's pods may read: inventory's own, and nobody else's.
path "kv/data/bookstore/inventory/*" {
  capabilities = ["read"]
}
