# terraform test: plans with a helm that does nothing. It needs the provider, and no cluster.

mock_provider "helm" {}

variables {
  callers = ["bookstore"]
}

run "raft_wants_an_odd_number" {
  command = plan

  variables {
    replicas = 2
  }

  expect_failures = [var.replicas]
}
