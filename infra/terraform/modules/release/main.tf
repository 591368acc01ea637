# One Helm release: somebody else's chart in its pinned version, or one of ours from infra/charts.

terraform {
  required_version = ">= 1.9"
  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.1"
    }
  }
}

variable "name" {
  description = "the release, and the key in modules/versions"
  type        = string
}

variable "values" {
  description = "values as YAML, the later ones win"
  type        = list(string)
  default     = []
}

variable "own" {
  description = "which chart of infra/charts it is, where it is ours"
  type        = string
  default     = null
}

variable "release" {
  description = "what the release is called, where a server's chart makes names of it"
  type        = string
  default     = null
}

variable "timeout" {
  description = "how many seconds it may take"
  type        = number
  default     = 600
}

module "versions" {
  source = "../versions"
}

locals {
  there     = lookup(module.versions.charts, var.name, null)
  namespace = local.there == null ? module.versions.own[var.name] : local.there.namespace
}

resource "helm_release" "this" {
  name       = coalesce(var.release, var.name)
  namespace  = local.namespace
  repository = local.there == null ? null : local.there.repository
  chart      = local.there == null ? "${path.module}/../../../charts/${coalesce(var.own, var.name)}" : local.there.chart
  version    = local.there == null ? null : local.there.version
  values     = var.values

  # The foundation makes the namespaces, with their labels.
  create_namespace = false
  atomic           = true
  wait             = true
  wait_for_jobs    = true
  timeout          = var.timeout
  max_history      = 5
  lint             = local.there == null
}

output "namespace" {
  description = "where it is"
  value       = helm_release.this.namespace
}

output "values" {
  description = "what the chart was told"
  value       = var.values
}
