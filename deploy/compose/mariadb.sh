#!/bin/sh
# Makes each service's database and its account, with the password that is in the service's URL.
# Safe to run twice; an account's password becomes what the file says now.
set -eu

SERVICES="catalog customer identity inventory order payment"

statements() {
	for service in $SERVICES; do
		url=$(cat "/run/secrets/${service}_database_url") # mysql://order:PASSWORD@mariadb:3306/order
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

MYSQL_PWD=$(cat /run/secrets/mariadb_root_password)
export MYSQL_PWD
statements | mariadb --host=mariadb --user=root
