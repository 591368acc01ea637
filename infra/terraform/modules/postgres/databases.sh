#!/bin/sh
# Makes Conductor's database and Keycloak's, each with an account of its own. Safe to run twice.
set -eu

SECRETS=${SECRETS:-/vault/secrets}
PGPASSWORD=$(cat "$SECRETS/password")
export PGPASSWORD PGHOST=postgres PGUSER=postgres PGDATABASE=postgres

for name in conductor keycloak; do
	psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --set="name=$name" \
		--set="password=$(cat "$SECRETS/$name")" <<-'SQL'
			SELECT format('CREATE ROLE %I LOGIN', :'name')
			WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
			ALTER ROLE :"name" PASSWORD :'password';
			SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
			WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
			REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
		SQL
done
