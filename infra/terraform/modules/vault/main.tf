# Vault's servers (Raft, so that they need nothing else) and the injector. Whoever starts the first
# one initialises and unseals it by hand (infra/README.md): no key and no token comes near Terraform.

variable "replicas" {
  description = "servers: 3 or 5, or 1 on minikube"
  type        = number

  validation {
    condition     = contains([1, 3, 5], var.replicas)
    error_message = "Raft wants an odd number of servers."
  }
}

variable "callers" {
  description = "the namespaces whose pods may ask Vault"
  type        = list(string)
}

module "release" {
  source = "../release"
  name   = "vault"
  # Not ready until it is unsealed, which Terraform does not do: it must not wait for that.
  values = [yamlencode({
    global   = { tlsDisable = true } # inside the cluster, behind the network policy below; see README.md
    injector = { replicas = min(var.replicas, 2) }
    csi      = { enabled = false }
    ui       = { enabled = true }
    server = {
      readinessProbe = { enabled = true, path = "/v1/sys/health?standbyok=true&sealedcode=204&uninitcode=204" }
      dataStorage    = { size = "5Gi" }
      auditStorage   = { enabled = true, size = "5Gi" }
      networkPolicy = {
        enabled = true
        ingress = [{
          from  = [for name in var.callers : { namespaceSelector = { matchLabels = { "kubernetes.io/metadata.name" = name } } }]
          ports = [{ port = 8200, protocol = "TCP" }]
        }]
      }
      standalone = { enabled = false }
      ha = {
        enabled  = true
        replicas = var.replicas
        raft     = { enabled = true, setNodeId = true }
      }
    }
  })]
}
