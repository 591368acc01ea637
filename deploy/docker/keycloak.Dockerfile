# Keycloak for compose.yaml, built once for PostgreSQL, so that it can start on a read-only root.
ARG KEYCLOAK=quay.io/keycloak/keycloak:26.7.3
FROM ${KEYCLOAK}
RUN /opt/keycloak/bin/kc.sh build --db=postgres --health-enabled=true
