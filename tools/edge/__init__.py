"""The edge: Envoy's configuration, made of the OpenAPI files."""
