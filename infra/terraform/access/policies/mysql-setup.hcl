# What makes the databases may read: root's password, and each service's address of its own.
path "kv/data/infra/mysql" {
  capabilities = ["read"]
}

path "kv/data/bookstore/+/database" {
  capabilities = ["read"]
}
