# Istio: its resource kinds, its control plane, and the gateway that the world reaches.

variable "replicas" {
  description = "of istiod and of the gateway"
  type        = number
}

module "base" {
  source = "../release"
  name   = "istio-base"
  values = [yamlencode({ defaultRevision = "default" })]
}

module "istiod" {
  source = "../release"
  name   = "istiod"
  values = [yamlencode({
    autoscaleMin = var.replicas
    pdb          = { minAvailable = 1 }
    meshConfig = {
      accessLogFile     = "/dev/stdout"
      accessLogEncoding = "JSON"
      # A pod's server starts when its proxy can carry its requests.
      defaultConfig = { holdApplicationUntilProxyStarts = true }
      # Istio's own default repeats a POST that may have been done.
      defaultHttpRetryPolicy = { attempts = 0 }
      extensionProviders = [{
        name          = "collector"
        opentelemetry = { service = "collector.observability.svc.cluster.local", port = 4317 }
      }]
    }
  })]
  depends_on = [module.base]
}

module "gateway" {
  source = "../release"
  name   = "istio-ingress"
  values = [yamlencode({
    labels      = { istio = "ingress" } # what the charts' Gateway selects
    autoscaling = { minReplicas = var.replicas }
    # The caller's own address, for X-Forwarded-For.
    service = { type = "LoadBalancer", externalTrafficPolicy = "Local" }
  })]
  depends_on = [module.istiod]
}
