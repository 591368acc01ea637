#!/bin/sh
# Makes each service's database and its account, with the password that is in the service's URL.
# Safe to run twice; an account's password becomes what Vault says now.
set -eu

SECRETS=${SECRETS:-/vault/secrets}

statements() {
	for service in catalog customer identity inventory order payment; do
		url=$(cat "$SECRETS/$service") # mysql://order:PASSWORD@mysql.mysql:3306/order
		password=${url#*://*:}
		password=${password%%@*}
		databases=$service
		[ "$service" != payment ] || databases="payment card_network"
		echo "CREATE USER IF NOT EXISTS '$service'@'%';"
		echo "ALTER USER '$service'@'%' IDENTIFIED BY '$password';"
		for database in $databases; do
			echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
			echo "GRANT ALL ON \`$database\`.* TO '$service'@'%';"
		done
	done
}

MYSQL_PWD=$(cat "$SECRETS/root-password")
export MYSQL_PWD
statements | mysql --host=mysql --user=root
