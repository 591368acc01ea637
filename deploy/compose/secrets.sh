#!/bin/sh
# Makes up the secrets of compose.yaml, each in a file of its own, in deploy/compose/secrets or the
# folder that is named. What is there already is kept: run it as often as you like.
#
# The folder is its owner's alone; the files are readable, since the containers that are given one
# run as users of their own.
set -eu

FOLDER=${1:-$(dirname "$0")/secrets}
SERVICES="catalog customer identity inventory order payment"

random() {
	od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

keep() { # name, content
	[ -s "$FOLDER/$1" ] || (umask 022 && printf '%s\n' "$2" >"$FOLDER/$1")
}

mkdir -p "$FOLDER"
chmod 700 "$FOLDER"
keep mariadb_root_password "$(random)"
keep postgres_password "$(random)"
keep conductor_database_password "$(random)"
keep keycloak_database_password "$(random)"
keep keycloak_admin_password "$(random)"
keep staff_password "$(random)"
keep grafana_password "$(random)"
keep payment_webhook_secret "$(random)"
for service in $SERVICES; do
	keep "${service}_secret" "$(random)"
	keep "${service}_database_url" "mysql://$service:$(random)@mariadb:3306/$service"
done
own=$(cat "$FOLDER/payment_database_url")
keep payment_card_network_url "${own%/*}/card_network"
keep keycloak.conf "db-password=$(cat "$FOLDER/keycloak_database_password")
bootstrap-admin-password=$(cat "$FOLDER/keycloak_admin_password")"
