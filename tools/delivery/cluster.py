"""Rungs 3 and 4: what a real API server says to a text in a strict dry run, nothing being kept.

Every warning is a refusal: of a Deployment whose pods Pod Security would turn away the server only
warns. The namespaces are made as they will be, with Pod Security's `restricted` enforced. What
Tekton's webhook says is told apart from what the server itself says.
"""

import functools
import os
import subprocess
from collections.abc import Iterator
from typing import Final

import yaml
from tools.delivery.install import program
from tools.delivery.ladder import Missing

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
    for name in sorted({*_namespaces(text), NAMESPACE}):
        _make_namespace(name)
    done = kubectl(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--field-manager=ladder",
        "--force-conflicts",
        f"--namespace={NAMESPACE}",
        "--filename=-",
        text=_served(text),
    )
    said = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode and not said:
        said = [f"kubectl ended with {done.returncode}"]
    return tuple(said)


def _served(text: str) -> str:
    """Give whatever has no name yet (generateName) one, since apply needs it."""
    documents = [document for document in yaml.safe_load_all(text) if document]
    for document in documents:
        meta = document.setdefault("metadata", {})
        if "name" not in meta and "generateName" in meta:
            meta["name"] = meta.pop("generateName") + "0"
    return str(yaml.safe_dump_all(documents, sort_keys=False))


def _namespaces(text: str) -> Iterator[str]:
    for document in yaml.safe_load_all(text):
        if document and (name := document.get("metadata", {}).get("namespace")):
            yield name


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
    if kubectl("get", "validatingwebhookconfiguration", name).returncode:
        raise Missing("Tekton's webhook is not in the cluster")
