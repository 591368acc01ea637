# terraform test: no provider, no cluster.

run "the_brief_is_there" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["istiod", "cert-manager", "vault", "prometheus", "collector", "jaeger", "opensearch", "harbor", "gitea", "minio", "argocd", "metallb", "reflector"],
      keys(output.charts)
    )) == 0
    error_message = "A server of the brief has no chart."
  }

  assert {
    condition     = length(setsubtract(["mysql", "postgres", "conductor", "keycloak", "issuers"], keys(output.own))) == 0
    error_message = "A server of the brief has no chart of ours."
  }
}

run "istio_is_of_one_piece" {
  command = plan

  assert {
    condition     = length(toset([for name in ["istio-base", "istiod", "istio-ingress"] : output.charts[name].version])) == 1
    error_message = "Istio's three charts have one version."
  }
}
