# terraform test: plans with a Vault that does nothing. It needs the provider, and no Vault.

mock_provider "vault" {}

run "each_reader_has_a_role_with_the_policy_of_its_name" {
  command = plan

  assert {
    condition     = alltrue([for name, role in vault_kubernetes_auth_backend_role.reader : role.token_policies == toset([name])])
    error_message = "A role has another's policy."
  }

  assert {
    condition     = vault_kubernetes_auth_backend_role.reader["order"].bound_service_account_names == toset(["order-command", "order-query", "order-migrate"])
    error_message = "Other pods than order's read order's secrets."
  }

  assert {
    condition     = alltrue([for role in vault_kubernetes_auth_backend_role.reader : role.audience == "vault"])
    error_message = "A token that was meant for another is believed."
  }
}
