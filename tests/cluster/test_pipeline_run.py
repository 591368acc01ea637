"""python-pipeline, run by Tekton: from a commit to a release that Argo CD is told of.

Real: Tekton, its webhook, the tasks as they are, git, make, yq, Python, the repositories.
Stand-ins: kaniko, syft, grype, skopeo and cosign, since there is no registry, and Argo CD's API.
"""

import subprocess
from pathlib import Path

import pytest
import yaml
from tests.delivery.an_argocd import ArgoCD, Json, application
from tests.harness import tekton

ROOT = Path(__file__).parents[2]
MAKEFILE = "lint types layers test:\n\t@echo make $@\n"
SERVICE = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
host, port = os.environ["HTTP"].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""


def released(repositories: Path) -> Json:
    said = subprocess.run(
        ["/usr/bin/git", "-c", "safe.directory=*", "show", "main:releases/order.yaml"],
        cwd=repositories / "deploy.git",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    release: Json = yaml.safe_load(said)
    return release


def following(repositories: Path) -> ArgoCD:
    """An Argo CD that knows what the deploy repository says, and deploys it when it is asked."""

    def look(argocd: ArgoCD) -> None:
        revision = released(repositories)["revision"]
        for name in ("order-command", "order-query"):
            argocd.applications[name] = application(revision, phase="Running")

    def deploy(argocd: ArgoCD, name: str) -> tuple[int, Json]:
        argocd.applications[name] = application(released(repositories)["revision"])
        return 200, {}

    return ArgoCD(on_upsert=look, on_sync=deploy)


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    for name, text in (
        ("Makefile", MAKEFILE),
        ("deploy/docker/Dockerfile", "FROM scratch\n"),
        ("app/bookstore/order/__main__.py", SERVICE),
    ):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    folder = tmp_path / "repositories"
    folder.mkdir()
    tekton.bare(folder, "bookstore", source)
    tekton.bare(folder, "deploy", ROOT / "deploy/argocd/repository")
    return folder


def test_a_commit_becomes_a_release(tmp_path: Path, repositories: Path) -> None:
    if why := tekton.missing():
        pytest.skip(f"NOT RUN BY TEKTON: {why}")
    place = tmp_path / "node"
    place.mkdir()
    argocd = following(repositories)
    with (
        tekton.installed(place) as node,
        tekton.git_served(repositories, node) as git,
        argocd.serving(node) as server,
    ):
        run = tekton.Run.start(
            {
                "source-url": f"{git}/bookstore.git",
                "deploy-url": f"{git}/deploy.git",
                "argocd-server": server,
                "registry": "registry.standin/bookstore",
            }
        )
        status = run.ended(within=480)
        assert status["conditions"][0]["status"] == "True", f"{status}\n{run.logs()}"
        assert set(run.tasks().values()) == {"True"}
        assert len(run.tasks()) == 8
        logs = run.logs()
    results = {each["name"]: each["value"] for each in status["results"]}
    release = released(repositories)
    assert release["revision"] == results["commit"]
    assert release["image"] == {
        "registry": "registry.standin/bookstore",
        "tag": "by-hand",
        "digest": results["digest"],
    }
    assert "order is alive, as 10001:10001" in logs
    assert f"bookstore-order@{results['digest']}" in logs
    assert [line.partition(" ")[0] for line in argocd.asked].count("POST") == 3
    synced = [line for line in argocd.asked if line.endswith("/sync")]
    assert synced == [
        "POST /api/v1/applications/order-command/sync",
        "POST /api/v1/applications/order-query/sync",
    ]
