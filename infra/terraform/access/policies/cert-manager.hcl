# What cert-manager may do: have certificates signed.
path "pki/sign/bookstore" {
  capabilities = ["update"]
}
