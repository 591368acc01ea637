#!/bin/sh
# Everything, in the one order that works; safe to run again. infra/README.md says what each step is.
#
#   infra/apply.sh             # the cluster that kubectl means, with its own network plug-in
#   infra/apply.sh minikube    # the one of `make minikube`
#
# Vault's keys are people's: where it is new or sealed, this stops and says what to do. VAULT_TOKEN is
# then wanted, of somebody who may configure it.
set -eu
cd "$(dirname "$0")/.."

target=${1:-}
stage() { # name of a folder in infra/terraform
	terraform -chdir="infra/terraform/$1" init -input=false
	if [ -f "infra/terraform/$1/$target.tfvars" ]; then
		terraform -chdir="infra/terraform/$1" apply -input=false -var-file="$target.tfvars"
	else
		terraform -chdir="infra/terraform/$1" apply -input=false
	fi
}

if [ "$target" = minikube ]; then
	kubectl apply --server-side -k deploy/kustomize/calico
fi
stage platform

kubectl wait --namespace vault --for=jsonpath='{.status.phase}'=Running pod/vault-0 --timeout=300s
if ! kubectl exec --namespace vault vault-0 --container vault -- vault status >/dev/null; then
	cat >&2 <<-'END'
		Vault is new, or sealed. New: kubectl exec -n vault -it vault-0 -- vault operator init
		Give each key to another person. On each server, with three keys:
		  kubectl exec -n vault -it vault-0 -- vault operator unseal
		(vault-1 and vault-2 join first: vault operator raft join http://vault-0.vault-internal:8200)
		Then run this again with VAULT_TOKEN set.
	END
	exit 3
fi
: "${VAULT_TOKEN:?of somebody who may configure Vault}"
export VAULT_TOKEN VAULT_ADDR=http://127.0.0.1:8200
kubectl port-forward --namespace vault --address 127.0.0.1 service/vault-active 8200:8200 >/dev/null &
forward=$!
trap 'kill "$forward"' EXIT
sleep 2 # until it listens
stage access
infra/secrets.sh
stage store

kubectl apply --server-side -k deploy/kustomize/tekton
kubectl wait --namespace tekton-pipelines --for=condition=Available deployment --all --timeout=600s
kubectl apply -k deploy/tekton
kubectl apply -k deploy/argocd
