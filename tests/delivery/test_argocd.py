"""The twelve applications of the deploy repository, and the two tasks that talk to Argo CD."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.delivery.a_step import Step
from tests.delivery.an_argocd import BUSY, TOKEN, ArgoCD, application
from tools.delivery.charts import ROLES, render
from tools.delivery.install import program
from tools.delivery.manifests import documents

ROOT = Path(__file__).parents[2]
REPOSITORY = ROOT / "deploy/argocd/repository"
SERVICES = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
OLD, NEW = "0" * 40, "4f1d7c2a9b3e" + "0" * 28


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def filled(template: Any, values: dict[str, Any]) -> Any:
    """Do what Argo CD's Go template does with `{{ .a.b }}`; KeyError where a value is missing."""
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template

    def value(found: "re.Match[str]") -> str:
        place: Any = values
        for name in found[1].split("."):
            place = place[name]
        return str(place)

    return re.sub(r"\{\{ *\.([\w.]+) *\}\}", value, template)


def applications() -> list[Any]:
    """Do what the matrix generator does: each file of releases/ with each role."""
    spec = read(REPOSITORY / "applications.yaml")["spec"]
    files, roles = spec["generators"][0]["matrix"]["generators"]
    found = sorted(REPOSITORY.glob(files["git"]["files"][0]["path"]))
    return [
        filled(spec["template"], read(file) | role)
        for file, role in itertools.product(found, roles["list"]["elements"])
    ]


def test_there_are_twelve_one_per_service_and_role() -> None:
    names = [each["metadata"]["name"] for each in applications()]
    assert names == [f"{name}-{role}" for name in SERVICES for role in ("command", "query")]


def test_each_takes_its_chart_its_role_and_its_image_from_what_is_written() -> None:
    order = next(each for each in applications() if each["metadata"]["name"] == "order-query")
    chart, deploy = order["spec"]["sources"]
    assert chart["path"] == "deploy/helm/order"
    assert chart["targetRevision"] == OLD
    assert chart["helm"]["releaseName"] == "order-query"
    assert chart["helm"]["valueFiles"] == ["values-query.yaml", "$deploy/values/order.yaml"]
    assert (
        chart["helm"]["valuesObject"]["image"] == read(REPOSITORY / "releases/order.yaml")["image"]
    )
    assert deploy["ref"] == "deploy"


def test_every_file_that_an_application_reads_is_there() -> None:
    for each in applications():
        chart = each["spec"]["sources"][0]
        for file in chart["helm"]["valueFiles"]:
            if file.startswith("$deploy/"):
                assert (REPOSITORY / file.removeprefix("$deploy/")).exists()
            elif (ROOT / chart["path"]).exists():
                assert (ROOT / chart["path"] / file).exists()


def test_command_comes_before_query() -> None:
    waves = {
        each["metadata"]["name"]: int(
            each["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
        )
        for each in applications()
    }
    assert all(waves[f"{name}-command"] < waves[f"{name}-query"] for name in SERVICES)


def test_the_project_admits_what_the_charts_make_and_no_more() -> None:
    spec = read(ROOT / "deploy/argocd/project.yaml")["spec"]
    admitted = {(each["group"], each["kind"]) for each in spec["namespaceResourceWhitelist"]}
    everything = "monitoring: { enabled: true }\ngateway: { create: true }"
    made = {
        (document["apiVersion"].rpartition("/")[0], document["kind"])
        for service in SERVICES
        for role in ROLES
        for document in documents(render(service, role, everything))
        if document["metadata"].get("annotations", {}).get("helm.sh/hook") != "test"
    }
    assert made == admitted


def test_migrations_come_before_all_else_of_the_command_release_only() -> None:
    for service in SERVICES:
        jobs = [each for each in documents(render(service, "command")) if each["kind"] == "Job"]
        for job in jobs:
            assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert [job["metadata"]["name"] for job in jobs] == [f"{service}-migrate"]
        assert not [each for each in documents(render(service, "query")) if each["kind"] == "Job"]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "argocd"
    folder.mkdir()
    (folder / "token").write_text(f"{TOKEN}\n")
    return folder


def update(tmp_path: Path, secrets: Path, server: str, *, timeout: str = "10") -> Step:
    """The task's two steps share a file."""
    definition = {"DEFINITION": str(tmp_path / "definition.json")}
    first = Step(
        "argocd-update-app",
        "read",
        tmp_path,
        params={},
        workspaces={"deploy": REPOSITORY},
        env=definition | {"PATH": f"{Path(program('yq')).parent}:/usr/bin:/bin"},
    )
    done = first.run()
    assert done.returncode == 0, done.stderr
    return Step(
        "argocd-update-app",
        "update",
        tmp_path,
        params={
            "server": server,
            "applications": ["order-command", "order-query"],
            "revision": NEW,
            "timeout": timeout,
        },
        workspaces={"argocd": secrets},
        env=definition,
    )


def sync(tmp_path: Path, secrets: Path, server: str, *, timeout: str = "10") -> Step:
    return Step(
        "argocd-task-sync-and-wait",
        "sync",
        tmp_path,
        params={
            "server": server,
            "applications": ["order-command", "order-query"],
            "revision": NEW,
            "timeout": timeout,
        },
        workspaces={"argocd": secrets},
    )


def both(argocd: ArgoCD, revision: str, **said: str) -> None:
    for name in ("order-command", "order-query"):
        argocd.applications[name] = application(revision, **said)


def test_update_app_gives_the_definition_and_waits_until_it_is_known(
    tmp_path: Path, secrets: Path
) -> None:
    argocd = ArgoCD(on_upsert=lambda argocd: both(argocd, NEW))
    with argocd.serving() as server:
        done = update(tmp_path, secrets, server).run()
    assert done.returncode == 0, done.stderr
    (given,) = argocd.definitions
    annotations = given["metadata"].pop("annotations")
    assert annotations == {"argocd.argoproj.io/application-set-refresh": "true"}
    assert given == read(REPOSITORY / "applications.yaml")
    assert done.stdout.splitlines() == [f"order-command names {NEW}", f"order-query names {NEW}"]


def test_update_app_fails_where_an_application_never_names_the_commit(
    tmp_path: Path, secrets: Path
) -> None:
    argocd = ArgoCD(on_upsert=lambda argocd: both(argocd, OLD))
    with argocd.serving() as server:
        done = update(tmp_path, secrets, server, timeout="0").run()
    assert done.returncode == 1
    assert f"order-command does not name {NEW}" in done.stderr


def test_update_app_says_what_argo_cd_said(tmp_path: Path, secrets: Path) -> None:
    (secrets / "token").write_text("another")
    with ArgoCD().serving() as server:
        done = update(tmp_path, secrets, server).run()
    assert done.returncode == 1
    assert "Argo CD: 401" in done.stderr
    assert "no session information" in done.stderr


def test_sync_app_deploys_the_one_and_then_the_other(tmp_path: Path, secrets: Path) -> None:
    def deploy(argocd: ArgoCD, name: str) -> tuple[int, dict[str, Any]]:
        argocd.applications[name] = application(NEW)
        return 200, {}

    argocd = ArgoCD(on_sync=deploy)
    both(argocd, OLD)
    with argocd.serving() as server:
        done = sync(tmp_path, secrets, server).run()
    assert done.returncode == 0, done.stderr
    assert argocd.asked == [
        "POST /api/v1/applications/order-command/sync",
        "GET /api/v1/applications/order-command",
        "POST /api/v1/applications/order-query/sync",
        "GET /api/v1/applications/order-query",
    ]


def test_sync_app_waits_for_what_argo_cd_began_by_itself(tmp_path: Path, secrets: Path) -> None:
    def busy(argocd: ArgoCD, name: str) -> tuple[int, dict[str, Any]]:
        argocd.applications[name] = application(NEW)
        return 400, BUSY

    argocd = ArgoCD(on_sync=busy)
    both(argocd, OLD)
    with argocd.serving() as server:
        assert sync(tmp_path, secrets, server).run().returncode == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"phase": "Failed", "message": "the migration failed"}, "the migration failed"),
        ({"health": "Degraded"}, "is Succeeded, Synced and Degraded"),
        ({"sync": "OutOfSync"}, "is Succeeded, OutOfSync and Healthy"),
        ({"phase": "Running"}, "is Running, Synced and Healthy"),
    ],
)
def test_sync_app_fails_where_the_first_is_not_well_and_leaves_the_second(
    tmp_path: Path, secrets: Path, said: dict[str, str], words: str
) -> None:
    argocd = ArgoCD()
    both(argocd, NEW, **said)
    with argocd.serving() as server:
        done = sync(tmp_path, secrets, server, timeout="0").run()
    assert done.returncode == 1
    assert words in done.stderr
    assert not [asked for asked in argocd.asked if "order-query" in asked]


def test_sync_app_is_not_content_with_what_ran_before(tmp_path: Path, secrets: Path) -> None:
    argocd = ArgoCD()
    both(argocd, OLD)
    with argocd.serving() as server:
        done = sync(tmp_path, secrets, server, timeout="0").run()
    assert done.returncode == 1
