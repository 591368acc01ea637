# `make` alone says what there is to do.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

PYTHON ?= python3
DOCKER ?= docker
DOCKERFILES := deploy/docker/Dockerfile deploy/docker/keycloak.Dockerfile tests/compose/standins/Dockerfile
SIGNING := github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5 github.com/google/go-containerregistry/cmd/crane@v0.20.6
VERSION ?= 0.1.0
BIN := .venv/bin
PACKAGES := apps/bookstore libs/kit libs/contracts libs/saga $(wildcard services/*)
EDITABLE := $(foreach package,$(PACKAGES),-e $(package))
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(foreach package,bookstore $(patsubst %,bookstore-%,catalog contracts customer identity inventory kit order payment saga),--no-emit-package $(package))

# What decides, and knows no technology: every branch of it is tested.
RULES := */saga/check.py,*/saga/decide.py,*/saga/inbox.py,*/saga/ports.py,*/saga/progress.py,*/saga/reference.py,*/saga/registry.py,*/saga/spec.py,*/saga/task.py
INSIDE := */domain/*,*/application/*,$(RULES)

.PHONY: help install up demo up-distributed down-distributed test test-faults test-mariadb mysql test-mysql test-distributed test-keycloak test-conductor test-delivery test-cluster minikube check lint types layers generate drift \
	breaking lock bench bench-distributed images images-check sbom sign compose-secrets compose-check test-images test-compose mutants coverage fuzz clean

help: ## say what there is to do
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 26

# --- start here

install: .make/run ## get what the store needs; leaves the command at .venv/bin/bookstore

up: .make/run ## install, migrate, load the starter catalogue and serve at 127.0.0.1:8080
	$(BIN)/bookstore up $(ARGS)

demo: .make/run ## buy a book from the running store, and see how a purchase can fail
	$(BIN)/bookstore demo $(ARGS)

up-distributed: .make/distributed ## the same on MariaDB, Conductor and Keycloak, a process per service
	$(BIN)/python -m tools.distributed up $(ARGS)

down-distributed: .make/distributed ## end exactly what up-distributed started; the data stay
	$(BIN)/python -m tools.distributed down $(ARGS)

test: .make/test ## say whether it works
	$(BIN)/pytest $(ARGS)

# --- for developers

check: lint types layers drift breaking ## say whether the code is as it should be

lint: .make/dev ## formatting and ruff
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .make/dev ## mypy --strict
	$(BIN)/mypy

layers: .make/dev ## who may import whom
	$(BIN)/lint-imports

generate: .make/generate ## write libs/contracts from the specifications (needs Node)
	$(BIN)/python tools/generate.py
	$(BIN)/python -m tools.edge
	$(BIN)/python -m tools.delivery.policies

drift: .make/generate ## regenerate, fail if what is committed differs or a flawed specification passes
	$(BIN)/python tools/generate.py --check
	$(BIN)/python -m tools.edge --check
	$(BIN)/python -m tools.delivery.policies --check
	$(BIN)/pytest libs/contracts/tests/test_generation.py

breaking: .make/generate ## fail if a contract breaks the clients of AGAINST, or else of origin/main or main
	$(BIN)/python tools/breaking.py $(AGAINST)

bench: .make/test ## CPU per request and sagas per second, beside a bare hello
	$(BIN)/python benchmarks/bench.py $(ARGS)

bench-distributed: .make/distributed ## the same apart: reads on MariaDB, purchases on Conductor, memory
	$(BIN)/python benchmarks/distributed.py

test-faults: .make/test ## kill -9, lost replies, full disk: the slow suites
	$(BIN)/pytest tests/faults $(ARGS)

test-mariadb: .make/test ## port suites and migrations on MariaDB (Debian: mariadb-server-core)
	$(BIN)/python -m tests.harness.on_server mariadb $(ARGS)

mysql: ## unpack Debian unstable's MySQL into .make, for test-mysql (Debian: mmdebstrap; 200 MB)
	python3 tools/servers/unpacked_mysql.py

test-mysql: .make/test ## the same on MySQL (make mysql, where there is none)
	$(BIN)/python -m tests.harness.on_server mysql $(ARGS)

test-distributed: .make/distributed ## everything on the real servers; needs what up-distributed needs
	$(BIN)/pytest tests/distributed $(ARGS)
	$(BIN)/python -m tests.harness.on_server mariadb

images: ## build the six services' images (BASE=…, INDEX=…, DOCKER=…)
	for service in $(notdir $(wildcard services/*)); do \
	  $(DOCKER) build --file deploy/docker/Dockerfile --build-arg SERVICE=$$service \
	    --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) \
	    $(if $(BASE),--build-arg BASE=$(BASE)) $(if $(INDEX),--build-arg INDEX=$(INDEX)) \
	    --tag bookstore-$$service:$(VERSION) $(DOCKER_ARGS) . || exit; \
	done

images-check: .make/images ## lint the Dockerfiles
	$(BIN)/hadolint $(DOCKERFILES)
	$(BIN)/pytest tests/delivery/test_images.py

sbom: .make/images ## write what is in each image to build/images (CycloneDX)
	mkdir -p build/images
	for service in $(notdir $(wildcard services/*)); do \
	  DOCKER="$(DOCKER)" $(BIN)/python -m tools.images.sbom $(REGISTRY)bookstore-$$service:$(VERSION) \
	    >build/images/bookstore-$$service-$(VERSION).cdx.json || exit; \
	done

sign: .make/signing ## sign the six images with COSIGN_KEY=…: in REGISTRY=host/ by digest, or else as files
	@test -f "$(COSIGN_KEY)" || { echo "COSIGN_KEY is no file: cosign generate-key-pair makes one"; exit 2; }
	for service in $(notdir $(wildcard services/*)); do \
	  COSIGN=.make/tools/cosign DOCKER="$(DOCKER)" deploy/docker/sign.sh sign "$(COSIGN_KEY)" \
	    $(REGISTRY)bookstore-$$service:$(VERSION) || exit; \
	done

test-images: .make/images .make/signing ## build an image twice, look into it, sign it (needs Docker)
	$(BIN)/pytest tests/images $(ARGS)

test-compose: .make/distributed ## start compose.yaml and buy a book from it (needs Docker and Compose)
	$(BIN)/pytest tests/compose $(ARGS)

compose-secrets: ## make up the secrets of compose.yaml; those that are there stay
	deploy/compose/secrets.sh

compose-check: .make/test ## say what compose.yaml breaks, and whether Compose reads it
	$(BIN)/python -m tools.compose
	$(BIN)/pytest tests/delivery/test_compose.py

test-keycloak: .make/test ## identity, and the store, on a real Keycloak (needs Java 17 and, to fetch it, Maven)
	$(BIN)/pytest tests/distributed/test_keycloak*.py $(ARGS)

test-conductor: .make/test ## sagas on a real Conductor (needs Java 21, PostgreSQL and, to fetch it, Maven)
	$(BIN)/pytest tests/distributed/test_conductor*.py $(ARGS)

test-delivery: .make/delivery .make/images ## charts and manifests up the ladder (with KUBECONFIG, the rungs that take a cluster too)
	$(BIN)/pytest tests/delivery $(ARGS)

minikube: ## a cluster on this machine with everything in it (needs minikube, docker, terraform)
	infra/minikube.sh

test-cluster: .make/delivery ## the store on the cluster in KUBECONFIG, whose node has the images
	$(BIN)/pytest tests/cluster $(ARGS)

mutants: .make/test ## seed bugs on purpose, and see that a test catches each
	$(BIN)/python tools/mutants.py

coverage: .make/test ## which lines and branches no test has seen; fail if these are too many
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --fail-under=100 --include='$(INSIDE)'

fuzz: .make/test ## the property tests with other seeds, for longer
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest $(ARGS)

lock: .make/uv ## pin every dependency again, with hashes and without hosts
	$(LOCK) apps/bookstore/pyproject.toml --group pyproject.toml:run -o requirements/run.txt
	$(LOCK) apps/bookstore/pyproject.toml --group pyproject.toml:run --group pyproject.toml:test \
		-c requirements/run.txt -o requirements/test.txt
	$(LOCK) apps/bookstore/pyproject.toml --group pyproject.toml:run --group pyproject.toml:test \
		--group pyproject.toml:check -c requirements/test.txt -o requirements/dev.txt
	$(LOCK) --group pyproject.toml:distributed -c requirements/test.txt -o requirements/distributed.txt
	$(LOCK) --group pyproject.toml:images -c requirements/test.txt -o requirements/images.txt
	$(LOCK) --group pyproject.toml:generate -c requirements/dev.txt -o requirements/generate.txt
	npm install --package-lock-only

clean: ## forget what was installed and cached, but no data
	rm -rf .venv .make node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- what is installed already

.make/uv: requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.x …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@mkdir -p .make && touch $@

INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python

.make/run: .make/uv requirements/run.txt $(patsubst %,%/pyproject.toml,$(PACKAGES))
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

.make/test: .make/run requirements/test.txt
	$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

.make/dev: .make/test requirements/dev.txt
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.make/distributed: .make/test requirements/distributed.txt
	$(INSTALL) --require-hashes -r requirements/distributed.txt
	@touch $@

.make/delivery: .make/distributed tools/delivery/pins.py
	$(BIN)/python -m tools.delivery.install
	@touch $@

.make/images: .make/test requirements/images.txt
	$(INSTALL) --require-hashes -r requirements/images.txt
	@touch $@

.make/signing:
	@command -v go >/dev/null || { echo "cosign is written in Go: Go 1.25 or newer is needed."; exit 2; }
	@mkdir -p .make/tools
	for program in $(SIGNING); do GOBIN=$(CURDIR)/.make/tools nice go install $$program || exit; done
	@touch $@

.make/generate: .make/dev requirements/generate.txt package-lock.json
	@command -v npm >/dev/null || { echo "Generating the contracts needs Node.js 20 or newer (npm was not found)."; exit 2; }
	$(INSTALL) --require-hashes -r requirements/generate.txt
	npm ci --silent
	@touch $@
