# Second, when Vault is unsealed: who may read what, and an authority of our own. VAULT_ADDR and
# VAULT_TOKEN come from the environment; no secret's value is read or written, so none is in the state.

terraform {
  required_version = ">= 1.9"
  required_providers {
    vault = {
      source  = "hashicorp/vault"
      version = "~> 5.3"
    }
  }
}

provider "vault" {
  skip_child_token = true
}

locals {
  services = ["catalog", "customer", "identity", "inventory", "order", "payment"]

  # Who proves to be which service account gets which policy, of the same name.
  roles = merge(
    { for name in local.services : name => {
      namespace = "bookstore"
      accounts  = ["${name}-command", "${name}-query", "${name}-migrate"]
    } },
    { for name in ["mysql", "postgres", "keycloak"] : name => { namespace = name, accounts = [name] } },
    { for name in ["mysql", "postgres", "keycloak"] : "${name}-setup" => { namespace = name, accounts = ["${name}-setup"] } },
    { conductor = { namespace = "conductor", accounts = ["conductor"] } },
  )
}

resource "vault_mount" "kv" {
  path        = "kv"
  type        = "kv"
  options     = { version = "2" }
  description = "what services and servers are told in secret; infra/secrets.sh writes it"
}

resource "vault_audit" "file" {
  type    = "file"
  options = { file_path = "/vault/audit/audit.log" }
}

resource "vault_policy" "reader" {
  for_each = local.roles
  name     = each.key
  policy   = file("${path.module}/policies/${each.key}.hcl")
}

resource "vault_auth_backend" "kubernetes" {
  type = "kubernetes"
}

resource "vault_kubernetes_auth_backend_config" "this" {
  backend         = vault_auth_backend.kubernetes.path
  kubernetes_host = "https://kubernetes.default.svc" # Vault asks with its own account's token
}

resource "vault_kubernetes_auth_backend_role" "reader" {
  for_each                         = local.roles
  backend                          = vault_auth_backend.kubernetes.path
  role_name                        = each.key
  bound_service_account_names      = each.value.accounts
  bound_service_account_namespaces = [each.value.namespace]
  audience                         = "vault"
  token_policies                   = [vault_policy.reader[each.key].name]
  token_ttl                        = 3600
  token_max_ttl                    = 86400
}

# --- certificates

resource "vault_mount" "pki" {
  path                      = "pki"
  type                      = "pki"
  description               = "our own authority: names inside the cluster"
  default_lease_ttl_seconds = 30 * 24 * 3600
  max_lease_ttl_seconds     = 10 * 365 * 24 * 3600
}

resource "vault_pki_secret_backend_root_cert" "root" {
  backend     = vault_mount.pki.path
  type        = "internal" # the key never leaves Vault
  common_name = "Bookstore internal authority"
  ttl         = 10 * 365 * 24 * 3600
  key_type    = "ec"
  key_bits    = 384
}

resource "vault_pki_secret_backend_config_urls" "urls" {
  backend                 = vault_mount.pki.path
  issuing_certificates    = ["http://vault.vault.svc.cluster.local:8200/v1/pki/ca"]
  crl_distribution_points = ["http://vault.vault.svc.cluster.local:8200/v1/pki/crl"]
}

resource "vault_pki_secret_backend_role" "bookstore" {
  backend            = vault_mount.pki.path
  name               = "bookstore"
  issuer_ref         = vault_pki_secret_backend_root_cert.root.issuer_id
  allowed_domains    = ["svc", "svc.cluster.local", "bookstore.example"]
  allow_subdomains   = true
  allow_bare_domains = true # the store's own address, where the world does not see it
  key_type           = "ec"
  key_bits           = 256
  max_ttl            = 90 * 24 * 3600
}

resource "vault_policy" "cert_manager" {
  name   = "cert-manager"
  policy = file("${path.module}/policies/cert-manager.hcl")
}

resource "vault_kubernetes_auth_backend_role" "cert_manager" {
  backend                          = vault_auth_backend.kubernetes.path
  role_name                        = "cert-manager"
  bound_service_account_names      = ["vault-issuer"]
  bound_service_account_namespaces = ["cert-manager"]
  audience                         = "vault"
  token_policies                   = [vault_policy.cert_manager.name]
  token_ttl                        = 600
}
