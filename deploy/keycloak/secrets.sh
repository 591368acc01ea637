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

variable() {
	echo "$1_SECRET" | tr '[:lower:]' '[:upper:]'
}

for service in $SERVICES; do
	eval "secret=\${$(variable "$service"):-}"
	if [ "${#secret}" -lt "$LENGTH" ]; then
		echo "$(variable "$service"): a secret has $LENGTH characters at least" >&2
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
clients=$("$KCADM" get clients --config "$config" --target-realm bookstore \
	--fields clientId,id --format csv --noquotes)
for service in $SERVICES; do
	eval "secret=\$$(variable "$service")"
	id=$(echo "$clients" | sed -n "s/^$service,//p")
	printf '{"secret": "%s"}' "$secret" |
		"$KCADM" update "clients/$id" --config "$config" --target-realm bookstore --file -
done
