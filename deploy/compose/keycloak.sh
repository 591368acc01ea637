#!/bin/sh
# Gives Keycloak's clients the secrets that the services have: deploy/keycloak/secrets.sh, told by
# files instead of an environment.
set -eu

for service in identity catalog customer inventory order payment; do
	variable=$(echo "${service}_SECRET" | tr '[:lower:]' '[:upper:]')
	export "$variable=$(cat "/run/secrets/${service}_secret")"
done
KEYCLOAK_ADMIN_PASSWORD=$(cat /run/secrets/keycloak_admin_password)
export KEYCLOAK_ADMIN_PASSWORD KEYCLOAK_ADMIN=admin KEYCLOAK_URL=http://keycloak:8080
exec sh /opt/bookstore/secrets.sh
