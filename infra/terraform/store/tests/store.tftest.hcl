# terraform test: plans with a helm that does nothing. It needs the provider, and no cluster.

mock_provider "helm" {}

run "every_server_is_where_the_charts_look_for_it" {
  command = plan

  assert {
    condition = alltrue([
      module.mysql.namespace == "mysql",
      module.conductor.namespace == "conductor",
      module.keycloak.namespace == "keycloak",
      module.gitea.namespace == "gitea",
    ])
    error_message = "A server is in another namespace than the charts' network policies say."
  }
}

run "keycloak_gets_our_realm_and_its_address" {
  command = plan

  variables {
    domain = "books.example"
  }

  assert {
    condition     = can(jsondecode(yamldecode(module.keycloak.values[1]).files["realm.json"]).realm)
    error_message = "The realm's file does not arrive."
  }

  assert {
    condition     = yamldecode(module.keycloak.values[1]).env.KC_HOSTNAME == "https://id.books.example"
    error_message = "Keycloak does not know how clients name it."
  }
}

run "conductor_finds_its_database" {
  command = plan

  assert {
    condition     = strcontains(yamldecode(module.conductor.values[1]).files["conductor.properties"], "jdbc:postgresql://postgres.postgres:5432/conductor")
    error_message = "Conductor looks for PostgreSQL where compose.yaml has it."
  }
}

run "alerts_and_dashboard_arrive" {
  command = plan

  assert {
    condition     = length(yamldecode(yamldecode(module.monitoring.values[0]).rules).groups) > 0
    error_message = "Prometheus gets no rule."
  }

  assert {
    condition     = jsondecode(yamldecode(module.monitoring.values[0]).dashboard).uid == "bookstore"
    error_message = "Grafana gets no dashboard."
  }
}

run "a_world_that_does_not_see_it_has_no_lets_encrypt" {
  command = plan

  assert {
    condition     = yamldecode(module.issuers.values[0]).letsencrypt.enabled == false
    error_message = "Let's Encrypt is asked by a store that it cannot see."
  }
}
