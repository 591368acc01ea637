terraform {
  required_version = ">= 1.9"
  required_providers {
    helm = {
      source  = "hashicorp/helm"
      version = "~> 3.1"
    }
  }
}

variable "kubeconfig" {
  description = "how to reach the cluster"
  type        = string
  default     = "~/.kube/config"
}

variable "context" {
  description = "which of its contexts; empty is the current one"
  type        = string
  default     = ""
}

provider "helm" {
  kubernetes = {
    config_path    = var.kubeconfig
    config_context = var.context == "" ? null : var.context
  }
}
