"""The charts: what a release says to the pods, and what differs between command and query."""

import functools
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from tools.delivery import tokens
from tools.delivery.charts import CHARTS, ROLES, SERVICES, RenderError, lint, render
from tools.delivery.install import program
from tools.delivery.manifests import documents
from tools.delivery.mesh import Asked, table
from tools.delivery.policies import access
from tools.edge.routes import rules

from bookstore.kit.http import HttpSettings
from bookstore.kit.process_settings import ProcessSettings
from bookstore.kit.settings import names_of, read_settings
from bookstore.saga.conductor.working import WorkSettings

Json = dict[str, Any]
WORKERS = ("inventory", "order", "payment")
RELEASES = [(service, role) for service in SERVICES for role in ROLES]
SECRETS = {
    "database-url": "mysql://bookstore:secret@mysql/bookstore",
    "database-replica-url": "mysql://reader:secret@replica/bookstore",
    "service-secret": "s" * 32,
    "conductor-url": "http://conductor:8080",
    "card-network-url": "mysql://network:secret@mysql/network",
    "webhook-secret": "w" * 32,
    "staff-password": "correct horse battery",
}


@functools.cache
def rendered(service: str, role: str, values: str = "") -> list[Json]:
    return documents(render(service, role, values))


def one(found: list[Json], kind: str, name: str) -> Json:
    return next(it for it in found if it["kind"] == kind and it["metadata"]["name"] == name)


def kinds(found: list[Json]) -> set[str]:
    return {f"{it['kind']}/{it['metadata']['name']}" for it in found}


def told(service: str, role: str, folder: Path) -> Mapping[str, str]:
    """Return a process's environment, its files being where this test can write them."""
    settings: dict[str, str] = one(rendered(service, role), "ConfigMap", f"{service}-{role}")[
        "data"
    ]
    for name, value in settings.items():
        if name.endswith("_FILE"):
            file = folder / Path(value).name
            file.write_text(SECRETS[file.name], encoding="utf-8")
            settings = {**settings, name: str(file)}
    return settings


@pytest.mark.parametrize(("service", "role"), RELEASES)
def test_a_service_understands_what_its_release_tells_it(
    service: str, role: str, tmp_path: Path
) -> None:
    own = import_module(f"bookstore.{service}.settings").Settings
    works = [WorkSettings] if service in WORKERS and role == "command" else []
    read: list[type[msgspec.Struct]] = [own, ProcessSettings, HttpSettings, *works]
    environment = told(service, role, tmp_path)
    for kind in read:
        read_settings(kind, service.upper(), environment)
    known = {
        name
        for kind in read
        for field in kind.__struct_fields__
        for plain in names_of(field, "")
        for name in (plain, f"{plain}_FILE")
    }
    neighbours = {f"{name.upper()}_RPC" for name in SERVICES}
    unknown = environment.keys() - known - neighbours
    assert not unknown - ({"CONDUCTOR_URL_FILE"} if service in WORKERS else set())


@pytest.mark.parametrize("service", SERVICES)
def test_its_neighbours_are_those_of_its_process(service: str) -> None:
    main = Path(f"services/{service}/src/bookstore/{service}/__main__.py").read_text("utf-8")
    found = re.search(r"neighbours=\(([^)]*)\)", main)
    wanted = set(re.findall(r'"(\w+)"', found[1])) if found else set()
    values = yaml.safe_load((CHARTS / service / "values.yaml").read_text("utf-8"))
    assert set(values["neighbours"]) == wanted
    settings = one(rendered(service, "query"), "ConfigMap", f"{service}-query")["data"]
    assert {name for name in settings if name in {f"{it.upper()}_RPC" for it in SERVICES}} == {
        f"{name.upper()}_RPC" for name in wanted
    }


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_command_release_migrates_routes_and_works(service: str) -> None:
    command, query = kinds(rendered(service, "command")), kinds(rendered(service, "query"))
    only_there = {f"Job/{service}-migrate", f"VirtualService/{service}", f"Service/{service}"}
    assert only_there <= command
    assert not only_there & query
    assert (f"Deployment/{service}-worker" in command) is (service in WORKERS)
    assert f"Deployment/{service}-worker" not in query


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_query_release_reads_a_replica(service: str) -> None:
    settings = {
        role: one(rendered(service, role), "ConfigMap", f"{service}-{role}")["data"]
        for role in ROLES
    }
    assert settings["command"]["ROLE"] == "command"
    assert settings["query"]["ROLE"] == "query"
    assert "DATABASE_REPLICA_URL_FILE" not in settings["command"]
    assert settings["query"]["DATABASE_REPLICA_URL_FILE"] == "/vault/secrets/database-replica-url"


def test_one_release_has_the_gateway_and_its_certificate() -> None:
    having = [
        f"{service}-{role}"
        for service, role in RELEASES
        if {"Gateway/bookstore", "Certificate/bookstore"} & kinds(rendered(service, role))
    ]
    assert having == ["catalog-command"]


def test_everything_of_a_release_is_in_its_namespace_and_carries_its_labels() -> None:
    for service, role in RELEASES:
        for document in rendered(service, role, "monitoring: { enabled: true }"):
            meta = document["metadata"]
            assert meta["namespace"] == "bookstore", meta
            assert meta["labels"]["app.kubernetes.io/name"] == service
            assert meta["labels"]["app.kubernetes.io/instance"] == f"{service}-{role}"


def test_no_two_releases_have_a_resource_of_the_same_name() -> None:
    seen: dict[str, str] = {}
    for service, role in RELEASES:
        for name in kinds(rendered(service, role)):
            assert seen.setdefault(name, f"{service}-{role}") == f"{service}-{role}", name


def test_migrations_come_first_and_what_they_need_before_them() -> None:
    found = rendered("order", "command")
    weights = {
        kind: int(
            one(found, kind, "order-migrate")["metadata"]["annotations"]["helm.sh/hook-weight"]
        )
        for kind in ("ServiceAccount", "ConfigMap", "Job")
    }
    assert weights["Job"] > max(weights["ServiceAccount"], weights["ConfigMap"])
    notes = one(found, "Job", "order-migrate")["spec"]["template"]["metadata"]["annotations"]
    assert notes["vault.hashicorp.com/agent-pre-populate-only"] == "true"
    assert [name for name in notes if "inject-secret" in name] == [
        "vault.hashicorp.com/agent-inject-secret-database-url"
    ]


def test_a_changed_setting_makes_new_pods() -> None:
    def mark(values: str) -> str:
        pod = one(rendered("order", "query", values), "Deployment", "order-query")
        mark: str = pod["spec"]["template"]["metadata"]["annotations"][
            "bookstore.example/settings"
        ]
        return mark

    assert mark("") != mark("telemetry: { logLevel: DEBUG }")
    assert mark("") == mark("scaling: { max: 9 }")


def test_without_a_mesh_the_command_release_serves_everything() -> None:
    found = rendered("order", "command", "mesh: { enabled: false }")
    assert one(found, "ConfigMap", "order-command")["data"]["ROLE"] == "all"
    assert one(found, "Service", "order")["spec"]["clusterIP"] == "None"
    assert not {it["kind"] for it in found if "istio.io" in it["apiVersion"]}


def test_without_vault_secrets_come_from_a_secret_of_the_same_names() -> None:
    found = rendered("payment", "command", "secrets: { source: kubernetes, name: mine }")
    pod = one(found, "Deployment", "payment-command")["spec"]["template"]
    volume = next(it for it in pod["spec"]["volumes"] if it["name"] == "secrets")["secret"]
    assert volume["secretName"] == "mine"
    assert {item["key"] for item in volume["items"]} == {
        "card-network-url", "conductor-url", "database-url", "service-secret", "webhook-secret",
    }  # fmt: skip
    assert not [name for name in pod["metadata"]["annotations"] if "vault" in name]


def test_an_image_is_named_by_its_digest_where_there_is_one() -> None:
    digest = "sha256:" + "0" * 64
    values = f"image: {{ registry: 'registry.example:5000/shop', tag: v2, digest: '{digest}' }}"
    pod = one(rendered("order", "query", values), "Deployment", "order-query")["spec"]["template"]
    image = pod["spec"]["containers"][0]["image"]
    assert image == f"registry.example:5000/shop/bookstore-order:v2@{digest}"


@pytest.mark.parametrize("place", ["", "image.", "scaling.", "resources.requests.", "store.",
    "oidc.", "telemetry.", "drain.", "secrets.", "secrets.files.DATABASE_URL.", "vault.",
    "migration.", "worker.", "worker.resources.", "network.", "network.egress.mysql.", "mesh.",
    "routes.", "gateway.", "gateway.certificate.", "monitoring."])  # fmt: skip
def test_a_wrong_name_is_refused_at_every_level(place: str) -> None:
    values: Json = {"nonsense": 1}
    for step in reversed(place.split(".")[:-1]):
        values = {step: values}
    with pytest.raises(RenderError, match="additional properties 'nonsense' not allowed"):
        render("order", "command", yaml.safe_dump(values))


def test_the_charts_have_nothing_to_say_to_people_that_helm_cannot_show() -> None:
    for service, role in RELEASES:
        lint(service, role)


def test_helm_puts_the_library_where_we_do(tmp_path: Path) -> None:
    charts = shutil.copytree(CHARTS, tmp_path / "helm")
    helm = program("helm")
    chart = str(charts / "order")
    subprocess.run([helm, "dependency", "build", chart], check=True, capture_output=True)
    place = ["--namespace=bookstore", "--kube-version=1.35.0"]
    made = subprocess.run(
        [helm, "template", "order-command", chart, *place, "-f", f"{chart}/values-command.yaml"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert documents(made.stdout) == rendered("order", "command")


def test_who_may_what_is_what_the_specification_says() -> None:
    """Read the made policy as Istio would, and ask it the table that the real mesh is asked."""
    for service, role in RELEASES:
        policy = one(rendered(service, role), "AuthorizationPolicy", f"{service}-{role}")
        for asked in table(service, role):
            if asked.who not in tokens.REFUSED:
                allowed = any(_matches(rule, asked) for rule in policy["spec"]["rules"])
                assert allowed is (asked.right == 200), (service, role, asked)


def _matches(rule: Json, asked: Asked) -> bool:
    for source in rule.get("from", ()):
        if "requestPrincipals" not in source["source"] or "principals" in source["source"]:
            return False  # it takes a certificate, and the table has none
        if asked.who is None:
            return False
    for condition in rule.get("when", ()):
        if not {*condition["values"]} & {*tokens.ROLES.get(asked.who or "", ())}:
            return False
    return any(_operates(to["operation"], asked) for to in rule.get("to", [{"operation": {}}]))


def _operates(operation: Json, asked: Asked) -> bool:
    return (
        asked.method in operation.get("methods", [asked.method])
        and asked.method not in operation.get("notMethods", [])
        and str(asked.port) in operation.get("ports", [str(asked.port)])
        and str(asked.port) not in operation.get("notPorts", [])
        and any(_is_at(path, asked.path) for path in operation.get("paths", [asked.path]))
        and not any(_is_at(path, asked.path) for path in operation.get("notPaths", []))
    )


def _is_at(template: str, path: str) -> bool:
    return re.fullmatch(re.escape(template).replace(r"\{\*\}", "[^/]+"), path) is not None


def test_every_operation_has_one_release_that_serves_it() -> None:
    for rule in rules():
        there = access(rule.service)["query" if rule.reads else "command"]
        said = [*there["public"], *(it for role in there["roles"] for it in role["operations"])]
        path = re.sub(r"\{[^}]+\}", "{*}", rule.path)
        assert any(path in it["paths"] and rule.method in it["methods"] for it in said), rule
