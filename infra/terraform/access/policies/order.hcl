# What order's pods may read: order's own, and nobody else's.
path "kv/data/bookstore/order/*" {
  capabilities = ["read"]
}
