# terraform test: plans with a helm that does nothing. It needs the provider, and no cluster.

mock_provider "helm" {}

run "a_cloud_has_its_own_addresses" {
  command = plan

  assert {
    condition     = length(module.metallb) == 0 && length(module.addresses) == 0
    error_message = "MetalLB is installed where nobody asked for it."
  }
}

run "a_cluster_of_our_own_needs_them" {
  command = plan

  variables {
    addresses = ["192.168.49.240-192.168.49.250"]
  }

  assert {
    condition     = module.metallb[0].namespace == "metallb-system"
    error_message = "MetalLB is not where it belongs."
  }
}
