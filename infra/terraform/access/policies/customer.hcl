# What customer's pods may read: customer's own, and nobody else's.
path "kv/data/bookstore/customer/*" {
  capabilities = ["read"]
}
