# First: what everything else stands on. No secret is needed, and none is made.

variable "replicas" {
  description = "of what must not be alone: 3, or 1 on minikube"
  type        = number
  default     = 3
}

variable "addresses" {
  description = "what MetalLB gives to load balancers; empty where the cloud has its own"
  type        = list(string)
  default     = []
}

module "foundation" {
  source = "../modules/release"
  name   = "foundation"
}

module "metallb" {
  count      = length(var.addresses) > 0 ? 1 : 0
  source     = "../modules/release"
  name       = "metallb"
  depends_on = [module.foundation]
}

module "addresses" {
  count      = length(var.addresses) > 0 ? 1 : 0
  source     = "../modules/release"
  name       = "addresses"
  values     = [yamlencode({ addresses = var.addresses })]
  depends_on = [module.metallb]
}

module "cert_manager" {
  source     = "../modules/release"
  name       = "cert-manager"
  values     = [yamlencode({ crds = { enabled = true, keep = true }, replicaCount = min(var.replicas, 2) })]
  depends_on = [module.foundation]
}

module "reflector" {
  source     = "../modules/release"
  name       = "reflector"
  depends_on = [module.foundation]
}

module "istio" {
  source     = "../modules/istio"
  replicas   = min(var.replicas, 2)
  depends_on = [module.foundation, module.addresses]
}

module "vault" {
  source     = "../modules/vault"
  replicas   = var.replicas
  callers    = ["bookstore", "mysql", "postgres", "conductor", "keycloak", "cert-manager", "vault"]
  depends_on = [module.foundation]
}
