# Third, when Vault has its secrets: the servers that the store needs, then those that it is built,
# delivered and watched with. The six themselves are Argo CD's.

variable "small" {
  description = "minikube: one of each, and little disk"
  type        = bool
  default     = false
}

variable "email" {
  description = "who is told before a certificate ends; empty where the world does not see the store"
  type        = string
  default     = ""
}

variable "domain" {
  description = "what all names end in"
  type        = string
  default     = "bookstore.example"
}

variable "keycloak_image" {
  description = "deploy/docker/keycloak.Dockerfile, where it was pushed"
  type        = string
  default     = "harbor.bookstore.example/bookstore/bookstore-keycloak:26.7.3"
}

locals {
  disk = var.small ? "2Gi" : "50Gi"
}

module "issuers" {
  source = "../modules/issuers"
  email  = var.email
}

module "mysql" {
  source  = "../modules/mysql"
  storage = local.disk
}

module "postgres" {
  source  = "../modules/postgres"
  storage = local.disk
}

module "conductor" {
  source     = "../modules/conductor"
  depends_on = [module.postgres]
}

module "keycloak" {
  source     = "../modules/keycloak"
  address    = "https://id.${var.domain}"
  image      = var.keycloak_image
  depends_on = [module.postgres]
}

module "monitoring" {
  source  = "../modules/monitoring"
  storage = local.disk
  nodes   = var.small ? 1 : 3
}

# --- built and delivered with

module "minio" {
  source = "../modules/release"
  name   = "minio"
  values = [yamlencode({
    existingSecret = "minio" # rootUser, rootPassword
    mode           = var.small ? "standalone" : "distributed"
    replicas       = var.small ? 1 : 4
    persistence    = { size = local.disk }
    buckets        = [{ name = "backup" }, { name = "harbor" }]
  })]
}

module "harbor" {
  source = "../modules/release"
  name   = "harbor"
  values = [yamlencode({
    externalURL                 = "https://harbor.${var.domain}"
    existingSecretAdminPassword = "harbor-admin"
    existingSecretSecretKey     = "harbor-key"
    expose                      = { type = "clusterIP", tls = { enabled = false } } # the gateway ends TLS
    trivy                       = { enabled = !var.small }
    persistence                 = { persistentVolumeClaim = { registry = { size = local.disk } } }
  })]
  depends_on = [module.minio]
}

module "gitea" {
  source = "../modules/release"
  name   = "gitea"
  values = [yamlencode({
    # SQLite and an in-memory queue: it keeps three repositories.
    postgresql-ha  = { enabled = false }
    postgresql     = { enabled = false }
    valkey-cluster = { enabled = false }
    persistence    = { size = local.disk }
    gitea = {
      admin = { existingSecret = "gitea-admin" }
      config = {
        database = { DB_TYPE = "sqlite3" }
        session  = { PROVIDER = "memory" }
        cache    = { ADAPTER = "memory" }
        queue    = { TYPE = "level" }
        server   = { ROOT_URL = "https://gitea.${var.domain}" }
        service  = { DISABLE_REGISTRATION = true }
        # Its pushes go to the event listener, inside.
        webhook = { ALLOWED_HOST_LIST = "el-gitea.bookstore-ci.svc.cluster.local" }
      }
    }
  })]
}

module "argocd" {
  source = "../modules/release"
  name   = "argocd"
  values = [yamlencode({
    global = { domain = "argocd.${var.domain}" }
    dex    = { enabled = false }
    # The first administrator's password is made by Argo CD; others may nothing until they are given it.
    configs        = { rbac = { "policy.default" = "" } }
    redis-ha       = { enabled = !var.small }
    controller     = { replicas = 1 }
    server         = { replicas = var.small ? 1 : 2 }
    repoServer     = { replicas = var.small ? 1 : 2 }
    applicationSet = { replicas = var.small ? 1 : 2 }
  })]
}
