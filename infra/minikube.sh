#!/bin/sh
# A cluster on this machine, as `bookstore`, then everything in it: make minikube. It wants minikube,
# kubectl, terraform, docker, 6 processors and 20 GiB of memory.
set -eu
cd "$(dirname "$0")/.."

for program in minikube kubectl terraform docker; do
	command -v "$program" >/dev/null || {
		echo "$program is needed and was not found" >&2
		exit 2
	}
done
# Calico comes from deploy/kustomize: minikube's own is another version.
minikube start --profile=bookstore --kubernetes-version=v1.35.0 --cni=false \
	--extra-config=kubeadm.pod-network-cidr=10.244.0.0/16 \
	--cpus="${CPUS:-6}" --memory="${MEMORY:-20g}" --disk-size="${DISK:-60g}"
docker build --tag bookstore-keycloak:26.7.3 --file deploy/docker/keycloak.Dockerfile deploy/docker
minikube image load --profile=bookstore bookstore-keycloak:26.7.3
exec infra/apply.sh minikube
