#!/bin/sh
# Makes up every secret once: in Vault for what asks Vault, as Secrets for charts that cannot. What is
# there already is kept: run it as often as you like.
#
#   VAULT_TOKEN=… infra/secrets.sh
#
# A secret is never an argument and never a file: it goes from here to there through a pipe.
set -eu

: "${VAULT_TOKEN:?of somebody who may write kv/}"
SERVICES="catalog customer identity inventory order payment"

random() { # bytes
	od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

in_vault() { # vault's arguments; what is left of stdin is the command's
	kubectl exec --stdin --namespace vault vault-0 --container vault -- \
		sh -c 'read -r VAULT_TOKEN; export VAULT_TOKEN; exec vault "$@"' vault "$@"
}

put() { # path, JSON
	if said=$(printf '%s\n%s' "$VAULT_TOKEN" "$2" | in_vault kv put -mount=kv -cas=0 "$1" - 2>&1); then
		echo "kv/$1: made"
	elif echo "$said" | grep -q "check-and-set parameter did not match"; then
		echo "kv/$1: kept"
	else
		echo "kv/$1: $said" >&2
		exit 1
	fi
}

get() { # path, key
	echo "$VAULT_TOKEN" | in_vault kv get -mount=kv -field="$2" "$1"
}

secret() { # namespace, name, lines of key=value
	if kubectl get secret --namespace "$1" "$2" >/dev/null 2>&1; then
		echo "$1/$2: kept"
	else
		printf '%s\n' "$3" |
			kubectl create secret generic --namespace "$1" "$2" --from-env-file=/dev/stdin >/dev/null
		echo "$1/$2: made"
	fi
}

# --- what services and servers ask Vault for

for service in $SERVICES; do
	url="mysql://$service:$(random 24)@mysql.mysql:3306/$service"
	put "bookstore/$service/database" "{\"url\": \"$url\", \"replica_url\": \"$url\"}"
	put "bookstore/$service/keycloak" "{\"secret\": \"$(random 24)\"}"
done
for service in inventory order payment; do
	put "bookstore/$service/conductor" '{"url": "http://conductor.conductor:8080"}'
done
url=$(get bookstore/payment/database url)
put bookstore/payment/network "{\"url\": \"${url%/*}/card_network\", \"webhook_secret\": \"$(random 32)\"}"

put infra/mysql "{\"root_password\": \"$(random 24)\"}"
put infra/postgres "{\"password\": \"$(random 24)\"}"
put infra/conductor "{\"database_password\": \"$(random 24)\"}"
database=$(random 24)
admin=$(random 24)
put infra/keycloak "{\"database_password\": \"$database\", \"admin_password\": \"$admin\",
	\"conf\": \"db-password=$database\\nbootstrap-admin-password=$admin\"}"

# --- what charts take from a Secret

password=Aa1-$(random 24)
secret observability opensearch "OPENSEARCH_INITIAL_ADMIN_PASSWORD=$password
password=$password"
secret monitoring grafana "user=admin
password=$(random 24)"
secret minio minio "rootUser=admin
rootPassword=$(random 24)"
secret harbor harbor-admin "HARBOR_ADMIN_PASSWORD=Aa1-$(random 24)"
secret harbor harbor-key "secretKey=$(random 8)"
secret gitea gitea-admin "username=bookstore-admin
password=$(random 24)
email=admin@bookstore.example"
