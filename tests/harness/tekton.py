"""A cluster's Tekton with our pipeline in it, and what a cluster without a registry must be given.

The images of the steps carry the names that are in the tasks: real git, make, yq and Python of
this machine on the lab's base, and a stand-in for each of kaniko, syft, grype, skopeo and cosign.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from tools.delivery.cluster import kubectl
from tools.delivery.infra import kustomized
from tools.delivery.manifests import documents
from tools.servers.ports import free_port

Json: TypeAlias = dict[str, Any]
ROOT: Final = Path(__file__).parents[2]
LAB: Final = Path(os.environ.get("LAB", ROOT.parent / "shared/tools/cluster"))
NAMESPACE: Final = "bookstore-ci"
_STANDIN: Final = ROOT / "tests/cluster/pipeline/standin.py"
_LIBRARIES: Final = Path("/usr/lib/x86_64-linux-gnu")
_KINDS: Final = frozenset(
    {"Namespace", "ServiceAccount", "Role", "RoleBinding", "NetworkPolicy", "Task", "Pipeline"}
)
# Name in the tasks: what is put into it, by its path there.
_IMAGES: Final[Mapping[str, Mapping[str, Path]]] = {
    "docker.io/alpine/git:v2.49.1": {
        **{f"usr/bin/{name}": Path("/usr/bin/git") for name in ("git", "git-upload-pack")},
        "usr/bin/git-receive-pack": Path("/usr/bin/git"),
        "usr/lib/x86_64-linux-gnu/libpcre2-8.so.0": _LIBRARIES / "libpcre2-8.so.0",
    },
    "docker.io/library/python:3.13.9-trixie": {"usr/bin/make": Path("/usr/bin/make")},
    "docker.io/library/python:3.13.9-slim-trixie": {},
    "docker.io/mikefarah/yq:4.54.3": {"usr/bin/yq": Path(".make/tools/yq")},
    "ghcr.io/osscontainertools/kaniko:v1.28.2": {"kaniko/executor": _STANDIN},
    "ghcr.io/anchore/syft:v1.51.1": {"syft": _STANDIN},
    "ghcr.io/anchore/grype:v0.117.0": {"grype": _STANDIN},
    "quay.io/skopeo/stable:v1.22.2": {"usr/bin/skopeo": _STANDIN},
    "ghcr.io/sigstore/cosign/cosign:v2.6.1": {"ko-app/cosign": _STANDIN},
}


def missing() -> str | None:
    """Say what is not here, or None."""
    if not os.environ.get("KUBECONFIG"):
        return "KUBECONFIG names no cluster"
    if not (LAB / "mkimage.py").is_file():
        return f"{LAB} is no lab that images could be loaded into"
    if kubectl(
        "get", "--namespace=tekton-pipelines", "deployment/tekton-pipelines-webhook"
    ).returncode:
        return "Tekton is not in the cluster"
    return None


def said(*arguments: str, text: str | None = None) -> str:
    """Return what kubectl says; raises AssertionError where it fails."""
    done = kubectl(*arguments, text=text)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def installed(folder: Path) -> Iterator[str]:
    """Install our pipeline, its images, its secrets and two volumes; yields the node's address."""
    _load_images(folder)
    found = [one for one in documents(kustomized("deploy/tekton")) if one["kind"] in _KINDS]
    said("apply", "--server-side", "--force-conflicts", "-f", "-", text=yaml.safe_dump_all(found))
    volumes = [*_volumes(folder)]
    said("apply", "-f", "-", text=yaml.safe_dump_all([*_secrets(), *volumes]))
    try:
        yield said("get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--wait=false")
        for volume in volumes:
            kubectl("delete", "pv", volume["metadata"]["name"], "--wait=false")


def _load_images(folder: Path) -> None:
    base = subprocess.run(
        [LAB / "lab", "base"], capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    archives = []
    for number, (name, files) in enumerate(_IMAGES.items()):
        archives.append(folder / f"image-{number}.tar")
        added = [f"--add={path}={ROOT / source}" for path, source in files.items()]
        command = [str(LAB / "mkimage.py"), name, str(archives[-1]), f"--base={base}", *added]
        subprocess.run(command, capture_output=True, check=True)
    subprocess.run([LAB / "lab", "load", *archives], capture_output=True, check=True)
    for archive in archives:
        archive.unlink()


def _secrets() -> Iterator[Json]:
    for name, data in {
        "gitea": {".git-credentials": ""},
        "harbor": {"config.json": "{}"},
        "cosign": {"cosign.key": "a key for tests", "cosign.password": "one for tests"},
        "argocd": {"token": "a-token-for-tests"},
    }.items():
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "stringData": data,
        }


def _volumes(folder: Path) -> Iterator[Json]:
    """Yield two that a claim without a class gets: nobody makes any in this cluster."""
    for number in (1, 2):
        place = folder / f"volume-{number}"
        place.mkdir()
        place.chmod(0o777)
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"pipeline-{number}"},
            "spec": {
                "capacity": {"storage": "4Gi"},
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": str(place)},
            },
        }


@contextmanager
def git_served(folder: Path, host: str) -> Iterator[str]:
    """Serve the bare repositories of a folder, to be cloned and pushed to; yields the address."""
    port = free_port()
    served = subprocess.Popen(
        [
            *("/usr/lib/git-core/git-daemon", "--export-all", "--enable=receive-pack"),
            *("--reuseaddr", f"--base-path={folder}", f"--listen={host}", f"--port={port}"),
        ],
        env=os.environ
        | {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
        | {"GIT_CONFIG_VALUE_0": "*"},
    )
    try:
        yield f"git://{host}:{port}"
    finally:
        served.terminate()
        served.wait(10)


@dataclass(frozen=True)
class Run:
    """A PipelineRun."""

    name: str

    @classmethod
    def start(cls, params: Mapping[str, str]) -> "Run":
        """Start deploy/tekton/runs/by-hand.yaml with other parameters."""
        run = yaml.safe_load((ROOT / "deploy/tekton/runs/by-hand.yaml").read_text("utf-8"))
        for each in run["spec"]["params"]:
            each["value"] = params.get(each["name"], each["value"])
        return cls(
            said("create", "-f", "-", "-o", "jsonpath={.metadata.name}", text=json.dumps(run))
        )

    def ended(self, within: float) -> Json:
        """Wait for its end; returns its status."""
        deadline = time.monotonic() + within
        while True:
            status: Json = self._get("pipelinerun", self.name).get("status", {})
            (condition, *_) = status.get("conditions") or [{"status": "Unknown"}]
            if condition["status"] != "Unknown" or time.monotonic() > deadline:
                return status
            time.sleep(1)

    def tasks(self) -> Mapping[str, str]:
        """Return each task's end: True, False or Unknown."""
        found = self._get("taskruns", f"--selector=tekton.dev/pipelineRun={self.name}")
        return {
            each["metadata"]["labels"]["tekton.dev/pipelineTask"]: each["status"]["conditions"][0][
                "status"
            ]
            for each in found["items"]
        }

    def logs(self) -> str:
        """Return what its steps said."""
        return said(
            *("logs", "--namespace", NAMESPACE, "--all-containers", "--tail=-1", "--prefix"),
            *("--max-log-requests=50", "--ignore-errors"),
            f"--selector=tekton.dev/pipelineRun={self.name}",
        )

    def _get(self, kind: str, which: str) -> Json:
        found: Json = json.loads(said("get", kind, which, "--namespace", NAMESPACE, "-o", "json"))
        return found


def bare(folder: Path, name: str, source: Path) -> None:
    """Make a bare repository of a folder's files, with one commit on main."""
    work = folder / f"{name}-work"
    shutil.copytree(source, work)
    git = shutil.which("git") or "git"
    me = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "."),
        (*me, "commit", "--quiet", "--message=begin"),
        ("clone", "--quiet", "--bare", ".", str(folder / f"{name}.git")),
    ):
        subprocess.run([git, *command], cwd=work, check=True)
    shutil.rmtree(work)
