#!/bin/sh
# Gives Keycloak's clients the secrets that the services have: deploy/keycloak/secrets.sh, told by the
# files that Vault's agent wrote.
set -eu

SECRETS=${SECRETS:-/vault/secrets}
for service in identity catalog customer inventory order payment; do
	variable=$(echo "${service}_SECRET" | tr '[:lower:]' '[:upper:]')
	export "$variable=$(cat "$SECRETS/$service")"
done
KEYCLOAK_ADMIN_PASSWORD=$(cat "$SECRETS/admin-password")
export KEYCLOAK_ADMIN_PASSWORD
exec sh "$(dirname "$0")/secrets.sh"
