# What payment's pods may read: payment's own, and nobody else's.
path "kv/data/bookstore/payment/*" {
  capabilities = ["read"]
}
