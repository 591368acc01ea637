#!/bin/sh
# Gives the services' clients their secrets: the realm file has none, so Keycloak made some up.
#
#   KEYCLOAK_URL=http://127.0.0.1:8180 KEYCLOAK_ADMIN=admin KEYCLOAK_ADMIN_PASSWORD=… \
#   IDENTITY_SECRET=… CATALOG_SECRET=… CUSTOMER_SECRET=… INVENTORY_SECRET=… ORDER_SECRET=… \
#   PAYMENT_SECRET=… deploy/keycloak/secrets.sh
#
# KCADM is Keycloak's own command (bin/kcadm.sh in its folder, and in its image). Each secret is
# what its service has as SERVICE_SECRET. Safe to run twice.
set -eu

KCADM=${KCADM:-/opt/keycloak/bin/kcadm.sh}
SERVICES="identity catalog customer inventory order payment"
LENGTH=32

for service in $SERVICES; do
	variable="$(echo "$service" | tr '[:lower:]' '[:upper:]')_SECRET"
	eval "secret=\${$variable:-}"
	if [ "${#secret}" -lt "$LENGTH" ]; then
		echo "$variable: a secret has $LENGTH characters at least" >&2
		bad=1
	fi
done
[ -z "${bad:-}" ] || exit 2

config=$(mktemp)
trap 'rm -f "$config"' EXIT
KC_CLI_PASSWORD=$KEYCLOAK_ADMIN_PASSWORD
export KC_CLI_PASSWORD
"$KCADM" config credentials --config "$config" --server "$KEYCLOAK_URL" --realm master \
	--user "$KEYCLOAK_ADMIN" 2>/dev/null
for service in $SERVICES; do
	eval "secret=\$$(echo "$service" | tr '[:lower:]' '[:upper:]')_SECRET"
	id=$("$KCADM" get clients --config "$config" --target-realm bookstore -q "clientId=$service" \
		--fields id --format csv --noquotes)
	printf '{"secret": "%s"}' "$secret" |
		"$KCADM" update "clients/$id" --config "$config" --target-realm bookstore --file -
done
