#!/bin/sh
# Runs `bookstore verify` on the databases of the store that compose.yaml has started. They are not
# open; on Linux this machine reaches a container at its address all the same. More words go to the
# command, which is BOOKSTORE, or the one that `make install` leaves.
set -eu

SECRETS=${SECRETS:-$(dirname "$0")/secrets}
ADDRESS='{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'

container=$(docker compose ps --quiet mariadb)
host=$(docker inspect --format "$ADDRESS" "$container")
at_its_address() {
	sed "s/@mariadb:/@$host:/" "$SECRETS/$1"
}
for service in catalog customer identity inventory order payment; do
	variable=$(echo "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_URL
	export "$variable=$(at_its_address "${service}_database_url")"
done
CARD_NETWORK_URL=$(at_its_address payment_card_network_url)
export CARD_NETWORK_URL
exec ${BOOKSTORE:-$(dirname "$0")/../../.venv/bin/bookstore} verify "$@"
