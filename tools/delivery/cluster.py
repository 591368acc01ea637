"""Rungs 3 and 4: what a real API server says to a text in a strict dry run, nothing being kept.

CRDs of ours that the cluster has not are given to it. Every warning is a refusal: of a Deployment
whose pods Pod Security would turn away the server only warns. The namespaces are made as they will
be, with Pod Security's `restricted` enforced. What Tekton's webhook says is told apart from what
the server itself says.
"""

import functools
import os
import subprocess
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import yaml
from tools.delivery.install import CRD_FILES, program
from tools.delivery.ladder import Missing

Json: TypeAlias = dict[str, Any]

NAMESPACE: Final = "ladder"
_RESTRICTED: Final = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")
}
_WEBHOOK: Final = 'admission webhook "'


def refused_by_server(text: str) -> Iterator[str]:
    """Say what the API server itself refuses or warns of."""
    return (line for line in _dry_run(text) if _WEBHOOK not in line)


def refused_by_webhook(text: str) -> Iterator[str]:
    """Say what an admission webhook refuses; raises Missing where Tekton's is not installed."""
    if "tekton.dev/" in text:
        _webhook_is_there()
    return (line for line in _dry_run(text) if _WEBHOOK in line)


def kubectl(*arguments: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run kubectl; raises Missing where there is none, or no cluster."""
    if not os.environ.get("KUBECONFIG"):
        raise Missing("KUBECONFIG names no cluster")
    try:
        command = [program("kubectl"), *arguments]
    except FileNotFoundError as missing:
        raise Missing(str(missing)) from missing
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=120
    )


@functools.lru_cache(maxsize=256)
def _dry_run(text: str) -> tuple[str, ...]:
    """Return the lines of refusal and of warning."""
    _crds_are_there()
    said: list[str] = []
    placed, anywhere = _by_place(text)
    for name in sorted({NAMESPACE, *(document["metadata"]["namespace"] for document in placed)}):
        _make_namespace(name)
    for documents, place in ((placed, ()), (anywhere, (f"--namespace={NAMESPACE}",))):
        if documents:
            said += _applied(yaml.safe_dump_all(documents, sort_keys=False), *place)
    return tuple(said)


def _applied(text: str, *place: str) -> list[str]:
    done = kubectl(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--field-manager=ladder",
        "--force-conflicts",
        "--filename=-",
        *place,
        text=text,
    )
    said = _sentences(done.stderr)
    return said or ([f"kubectl ended with {done.returncode}"] if done.returncode else [])


def _sentences(text: str) -> list[str]:
    """Return what was said, a refusal of several lines as one."""
    said: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        if said and not line.startswith(("Error", "error", "Warning", "The ")):
            said[-1] += f" {line.strip()}"
        else:
            said.append(line)
    return said


def _by_place(text: str) -> tuple[list[Json], list[Json]]:
    """Return what names its namespace, and what does not; each with a name, as apply needs it."""
    documents = [document for document in yaml.safe_load_all(text) if document]
    for document in documents:
        meta = document.setdefault("metadata", {})
        if "name" not in meta and "generateName" in meta:
            meta["name"] = meta.pop("generateName") + "0"
    placed = [document for document in documents if document["metadata"].get("namespace")]
    return placed, [document for document in documents if document not in placed]


@functools.lru_cache
def _crds_are_there() -> None:
    """Give the cluster those of our CRDs that it does not have."""
    known = kubectl("get", "crd", "--output=name").stdout.split()
    for file in sorted(CRD_FILES.glob("*.yaml")):
        if f"customresourcedefinition.apiextensions.k8s.io/{file.stem}" not in known:
            kubectl("apply", "--server-side", f"--filename={file}")
            kubectl("wait", "--for=condition=Established", f"crd/{file.stem}", "--timeout=30s")


@functools.lru_cache
def _make_namespace(name: str) -> None:
    labels = _RESTRICTED if name != "istio-system" else {}
    document = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    }
    kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump(document))


@functools.lru_cache
def _webhook_is_there() -> None:
    name = "validation.webhook.pipeline.tekton.dev"
    path = "jsonpath={.webhooks[*].clientConfig.caBundle}"  # it writes that when it is ready
    found = kubectl("get", "validatingwebhookconfiguration", name, "--output", path)
    if found.returncode or not found.stdout:
        raise Missing("Tekton's webhook is not in the cluster")
