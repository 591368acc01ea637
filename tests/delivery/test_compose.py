"""compose.yaml: what it must keep to, seen without Docker; with Compose, that Compose reads it."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.compose.model import OBSERVABILITY, ROOT, is_job, laid_over, ours, read, services
from tools.compose.rules import broken
from tools.compose.told import senseless
from tools.edge.__main__ import COMMITTED, ISSUER

Json = dict[str, Any]
Edit = Callable[[Json], object]  # of the services

GOOD = read()
OBSERVED = laid_over(GOOD, read(OBSERVABILITY))
SECRETS_SH = ROOT / "deploy/compose/secrets.sh"


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    subprocess.run([SECRETS_SH, folder], check=True)
    return folder


def put(service: str, key: str, value: object) -> Edit:
    """Set what a service says; "environment.IDP" is a setting of it."""

    def edit(services: Json) -> None:
        *way, last = key.split(".")
        place = services[service]
        for step in way:
            place = place[step]
        place[last] = value

    return edit


def drop(service: str, key: str) -> Edit:
    return lambda services: services[service].pop(key)


def test_the_file_is_as_it_should_be(secrets: Path) -> None:
    assert broken(GOOD) + senseless(GOOD, secrets) == []
    assert broken(OBSERVED) + senseless(OBSERVED, secrets) == []


RULES = [
    (put("mariadb", "image", "mariadb"), "mariadb: the image has no version"),
    (put("edge", "image", "host:5000/envoy"), "edge: the image has no version"),
    (put("postgres", "image", "postgres:latest"), "postgres: latest is no version"),
    (put("order", "image", "bookstore-payment:0.1.0"), "the name of what is built for order"),
    (drop("conductor", "healthcheck"), "conductor: nobody can tell whether it is healthy"),
    (put("order", "healthcheck", {"disable": True}), "order: nobody can tell whether"),
    (drop("order-migrate", "healthcheck"), "order-migrate: is a job, whose health nobody asks"),
    (put("edge", "ports", ["8080:8080"]), "to the world"),
    (put("edge", "ports", ["0.0.0.0:8080:8080"]), "to the world"),
    (put("mariadb", "ports", ["127.0.0.1:3306:3306"]), "only edge and grafana may"),
    (put("order", "network_mode", "host"), "order: has the host's network"),
    (put("catalog", "user", "0:0"), "catalog: runs as root"),
    (put("catalog", "user", "root"), "catalog: runs as root"),
    (drop("edge", "user"), "edge: runs as root"),
    (drop("payment", "read_only"), "payment: may write to its own root"),
    (put("payment", "cap_drop", ["NET_RAW"]), "payment: keeps capabilities"),
    (put("payment", "cap_add", ["SYS_ADMIN"]), "payment: keeps capabilities"),
    (drop("keycloak", "security_opt"), "keycloak: may gain privileges"),
    (put("edge", "privileged", value=True), "edge: is privileged"),
    (drop("inventory-work", "mem_limit"), "inventory-work: has no mem_limit"),
    (drop("identity", "pids_limit"), "identity: has no pids_limit"),
    (drop("edge", "restart"), "edge: is not started again"),
    (put("order-work", "stop_grace_period", "10s"), "order-work: is killed before it has drained"),
    (
        put("order", "environment.ORDER_SERVICE_SECRET", "x" * 32),
        "order: ORDER_SERVICE_SECRET is a secret in an environment",
    ),
    (
        put("postgres", "environment.POSTGRES_PASSWORD", "postgres"),
        "postgres: POSTGRES_PASSWORD is a secret in an environment",
    ),
    (
        put("conductor", "environment.WHERE", "postgresql://me:secret@postgres/conductor"),
        "conductor: WHERE holds a password",
    ),
    (put("order", "secrets", ["order_secret"]), "order_database_url, which is not mounted"),
    (put("order", "environment", ["IDP=builtin"]), "order: its environment is a list"),
    (put("edge", "depends_on", ["order"]), "edge: depends_on says not for what it waits"),
    (
        put("edge", "depends_on.nobody", {"condition": "service_healthy"}),
        "edge: depends_on nobody, which is no service",
    ),
    (
        put("order", "depends_on.order-migrate", {"condition": "service_started"}),
        "order: waits for order-migrate without service_completed_successfully",
    ),
    (
        put("edge", "depends_on.order", {"condition": "service_started"}),
        "edge: waits for order without service_healthy",
    ),
    (put("edge", "configs", ["nothing"]), "edge: nothing is not among the configs"),
    (put("edge", "networks", ["elsewhere"]), "edge: elsewhere is not among the networks"),
    (put("mariadb", "volumes", ["./data:/var/lib/mysql"]), "mariadb: ./data is no volume"),
    (put("edge", "volumes", ["/var/run/docker.sock:/d"]), "edge: /var/run/docker.sock is no"),
]


@pytest.mark.parametrize(("edit", "says"), RULES, ids=[says for _, says in RULES])
def test_a_file_that_breaks_a_rule_is_refused(edit: Edit, says: str) -> None:
    bad = copy.deepcopy(GOOD)
    edit(bad["services"])

    (problem,) = broken(bad)

    assert says in problem


def test_a_file_that_is_mounted_is_there() -> None:
    bad = copy.deepcopy(GOOD)
    bad["configs"]["edge"]["file"] = "deploy/edge/nginx.conf"

    assert broken(bad) == ["edge: deploy/edge/nginx.conf is not there"]


SETTINGS = [
    (put("order", "environment.ORDER_SAGA_MOTOR", "x"), "order: ORDER_SAGA_MOTOR is no setting"),
    (
        put("order", "environment.CATALOG_ROLE", "all"),
        "order: CATALOG_ROLE is no setting of order",
    ),
    (put("order", "environment.SAGA_ENGINE", "steam"), "order: SAGA_ENGINE: is steam"),
    (put("payment", "environment.ORDER_RPC", "orders:9080"), "ORDER_RPC is orders:9080, where"),
    (put("identity", "environment.IDP", "builtin"), "IDP is builtin"),
    (put("order-work", "environment.CONDUCTOR_URL", "conductor"), "order-work: CONDUCTOR_URL"),
    (put("customer", "environment.TRUSTED_PROXIES", "edge"), "customer: TRUSTED_PROXIES"),
    (
        put("catalog", "environment.CATALOG_SERVICE_SECRET_FILE", "/run/secrets/nothing"),
        "catalog: CATALOG_SERVICE_SECRET: /run/secrets/nothing cannot be read",
    ),
]


@pytest.mark.parametrize(("edit", "says"), SETTINGS, ids=[says for _, says in SETTINGS])
def test_what_a_service_does_not_know_or_take_is_refused(
    edit: Edit, says: str, secrets: Path
) -> None:
    bad = copy.deepcopy(GOOD)
    edit(bad["services"])

    problems = senseless(bad, secrets)

    assert any(says in problem for problem in problems), problems


def test_every_secret_is_made_up_and_none_for_nothing(secrets: Path) -> None:
    made = {file.name for file in secrets.iterdir()}
    declared = {
        secret["file"].removeprefix("deploy/compose/secrets/")
        for secret in OBSERVED["secrets"].values()
    }

    assert made == declared
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_secrets_that_are_there_stay(secrets: Path) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}

    subprocess.run([SECRETS_SH, secrets], check=True)

    assert {file.name: file.read_text() for file in secrets.iterdir()} == before
    told = [before[f"{name}_secret"] for name in ("order", "payment", "catalog")]
    assert len({*told}) == 3


def test_no_secret_is_in_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert "/deploy/compose/secrets/" in ignored


def test_the_edge_and_the_services_mean_the_same_issuer_and_hosts() -> None:
    edge = json.loads(COMMITTED.read_text())
    clusters = edge["static_resources"]["clusters"]
    hosts = {
        each["endpoint"]["address"]["socket_address"]["address"]
        for cluster in clusters
        for group in cluster["load_assignment"]["endpoints"]
        for each in group["lb_endpoints"]
    }
    said = {
        service["environment"].get("OIDC_ISSUER", ISSUER)
        for name, service in GOOD["services"].items()
        if name in hosts and name != "keycloak"
    }

    assert hosts <= GOOD["services"].keys()
    assert said == {ISSUER}
    keycloak = GOOD["services"]["keycloak"]["environment"]
    assert f"{keycloak['KC_HOSTNAME']}/realms/bookstore" == ISSUER


def test_what_is_watched_is_there() -> None:
    scraped = (ROOT / "deploy/observability/prometheus.yaml").read_text()
    targets = yaml.safe_load(scraped)["scrape_configs"][0]["static_configs"][0]["targets"]
    lasting = {name for name, each in services(GOOD).items() if ours(each) and not is_job(each)}

    assert {target.partition(":")[0] for target in targets} == lasting


@pytest.mark.parametrize("model", [GOOD, OBSERVED], ids=["alone", "observed"])
def test_compose_reads_it(model: Json) -> None:
    docker = shutil.which("docker")
    asked = [str(docker), "compose", "--file", str(ROOT / "compose.yaml")]
    if model is OBSERVED:
        asked += ["--file", str(OBSERVABILITY)]
    if docker is None or subprocess.run([*asked[:2], "version"], check=False).returncode:
        pytest.skip("NOT READ BY COMPOSE: docker compose is not installed")
    read_it = subprocess.run(
        [*asked, "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (read_it.returncode, read_it.stderr) == (0, "")
    found = json.loads(read_it.stdout)["services"]
    assert found.keys() == services(model).keys()
    for name, service in found.items():  # both of us take a merge for the same
        assert service["restart"] == services(model)[name]["restart"]
        assert service.get("command") == services(model)[name].get("command")
        assert service.get("environment", {}).keys() == (
            services(model)[name].get("environment", {}).keys()
        )
