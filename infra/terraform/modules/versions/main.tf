# Which charts there are, from where, in which version and for which namespace. The one place where a
# version is changed; `terraform test` in this folder needs no provider and no cluster.

terraform {
  required_version = ">= 1.9"
}

locals {
  charts = {
    metallb       = { repository = "https://metallb.github.io/metallb", chart = "metallb", version = "0.15.2", namespace = "metallb-system" }
    cert-manager  = { repository = "https://charts.jetstack.io", chart = "cert-manager", version = "v1.21.2", namespace = "cert-manager" }
    reflector     = { repository = "https://emberstack.github.io/helm-charts", chart = "reflector", version = "10.0.9", namespace = "reflector" }
    istio-base    = { repository = "https://istio-release.storage.googleapis.com/charts", chart = "base", version = "1.31.4", namespace = "istio-system" }
    istiod        = { repository = "https://istio-release.storage.googleapis.com/charts", chart = "istiod", version = "1.31.4", namespace = "istio-system" }
    istio-ingress = { repository = "https://istio-release.storage.googleapis.com/charts", chart = "gateway", version = "1.31.4", namespace = "istio-ingress" }
    vault         = { repository = "https://helm.releases.hashicorp.com", chart = "vault", version = "0.32.0", namespace = "vault" }
    prometheus    = { repository = "https://prometheus-community.github.io/helm-charts", chart = "kube-prometheus-stack", version = "87.17.0", namespace = "monitoring" }
    collector     = { repository = "https://open-telemetry.github.io/opentelemetry-helm-charts", chart = "opentelemetry-collector", version = "0.156.2", namespace = "observability" }
    jaeger        = { repository = "https://jaegertracing.github.io/helm-charts", chart = "jaeger", version = "4.2.3", namespace = "observability" }
    opensearch    = { repository = "https://opensearch-project.github.io/helm-charts", chart = "opensearch", version = "3.6.0", namespace = "observability" }
    minio         = { repository = "https://charts.min.io", chart = "minio", version = "5.4.0", namespace = "minio" }
    harbor        = { repository = "https://helm.goharbor.io", chart = "harbor", version = "1.18.1", namespace = "harbor" }
    gitea         = { repository = "https://dl.gitea.com/charts", chart = "gitea", version = "12.4.0", namespace = "gitea" }
    argocd        = { repository = "https://argoproj.github.io/argo-helm", chart = "argo-cd", version = "9.5.15", namespace = "argocd" }
  }

  # Ours, in infra/charts: their version is this repository's.
  own = {
    foundation = "default"
    addresses  = "metallb-system"
    issuers    = "cert-manager"
    mysql      = "mysql"
    postgres   = "postgres"
    conductor  = "conductor"
    keycloak   = "keycloak"
    monitoring = "monitoring"
  }
}

output "charts" {
  description = "name => { repository, chart, version, namespace }"
  value       = local.charts

  precondition {
    condition     = alltrue([for each in values(local.charts) : can(regex("^v?\\d+\\.\\d+\\.\\d+$", each.version))])
    error_message = "A chart's version is one version: no range, no latest."
  }
  precondition {
    condition     = alltrue([for each in values(local.charts) : startswith(each.repository, "https://")])
    error_message = "Charts come over https."
  }
}

output "own" {
  description = "name => namespace, of the charts in infra/charts"
  value       = local.own
}
