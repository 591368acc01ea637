# Prometheus and Grafana, with our rules and our dashboard; traces to Jaeger by way of the collector.

variable "storage" {
  description = "how much Prometheus and OpenSearch keep, each"
  type        = string
}

variable "nodes" {
  description = "OpenSearch's: 3, or 1 on minikube"
  type        = number
}

module "prometheus" {
  source = "../release"
  name   = "prometheus"
  values = [yamlencode({
    grafana = {
      admin   = { existingSecret = "grafana", userKey = "user", passwordKey = "password" }
      sidecar = { dashboards = { enabled = true, label = "grafana_dashboard" } }
    }
    prometheus = {
      prometheusSpec = {
        retention = "15d"
        # A sidecar that intercepts nothing, for its certificate: the services answer no other.
        podMetadata = {
          labels = { "sidecar.istio.io/inject" = "true" }
          annotations = {
            "traffic.sidecar.istio.io/includeInboundPorts"     = ""
            "traffic.sidecar.istio.io/includeOutboundIPRanges" = ""
            "proxy.istio.io/config"                            = yamlencode({ proxyMetadata = { OUTPUT_CERTS = "/etc/istio-output-certs" } })
            "sidecar.istio.io/userVolumeMount"                 = jsonencode([{ name = "istio-certs", mountPath = "/etc/istio-output-certs" }])
          }
        }
        volumes      = [{ name = "istio-certs", emptyDir = { medium = "Memory" } }]
        volumeMounts = [{ name = "istio-certs", mountPath = "/etc/prom-certs" }]
        storageSpec = {
          volumeClaimTemplate = {
            spec = { accessModes = ["ReadWriteOnce"], resources = { requests = { storage = var.storage } } }
          }
        }
      }
    }
  })]
}

module "ours" {
  source = "../release"
  name   = "monitoring"
  values = [yamlencode({
    rules     = file("${path.module}/../../../../deploy/observability/alerts.yaml")
    dashboard = file("${path.module}/../../../../deploy/observability/dashboard.json")
  })]
  depends_on = [module.prometheus]
}

module "opensearch" {
  source = "../release"
  name   = "opensearch"
  values = [yamlencode({
    replicas    = var.nodes
    singleNode  = var.nodes == 1
    persistence = { size = var.storage }
    envFrom     = [{ secretRef = { name = "opensearch" } }] # OPENSEARCH_INITIAL_ADMIN_PASSWORD
  })]
}

module "jaeger" {
  source = "../release"
  name   = "jaeger"
  values = [yamlencode({
    provisionDataStore = { cassandra = false, elasticsearch = false }
    storage = {
      type = "elasticsearch"
      elasticsearch = {
        scheme         = "https"
        host           = "opensearch-cluster-master"
        user           = "admin"
        existingSecret = "opensearch"
      }
    }
  })]
  depends_on = [module.opensearch]
}

module "collector" {
  source  = "../release"
  name    = "collector"
  release = "collector"
  values = [yamlencode({
    fullnameOverride = "collector"
    mode             = "deployment"
    image            = { repository = "otel/opentelemetry-collector-contrib" }
    extraEnvs        = [{ name = "BACKEND", value = "jaeger-collector:4317" }]
    # Over the chart's own, which has the health check that its probes ask.
    config = yamldecode(file("${path.module}/../../../../deploy/observability/collector.yaml"))
  })]
  depends_on = [module.jaeger]
}

output "namespace" {
  description = "where it is"
  value       = module.ours.namespace
}

output "values" {
  description = "what the chart was told"
  value       = module.ours.values
}
