# Who issues certificates: Vault's PKI inside, Let's Encrypt for what the world sees.

variable "email" {
  description = "who is told before a certificate ends; empty where the world does not see the store"
  type        = string
}

module "release" {
  source = "../release"
  name   = "issuers"
  values = [yamlencode({ letsencrypt = { enabled = var.email != "", email = var.email } })]
}

output "namespace" {
  description = "where it is"
  value       = module.release.namespace
}

output "values" {
  description = "what the chart was told"
  value       = module.release.values
}
