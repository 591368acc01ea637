"""What must fit within a release: selectors and pods, drains and grace, secrets and policies."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from tools.delivery.rules.mesh import of
from tools.delivery.rules.pods import pods, title

Json: TypeAlias = dict[str, Any]

VAULT_POLICIES: Final = Path(__file__).parents[3] / "infra/terraform/access/policies"
_STOP_S: Final = 20  # a service ends that soon after its drain
_PART_OF: Final = "app.kubernetes.io/part-of"
_VAULT: Final = "vault.hashicorp.com/"


def _labels(deployment: Json) -> Mapping[str, str]:
    labels: Mapping[str, str] = deployment["spec"]["template"]["metadata"].get("labels", {})
    return labels


def _covers(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def selectors_find_pods(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse what is about no pod of the release: a policy that protects nobody looks like one."""
    there = [_labels(deployment) for deployment in of(documents, "Deployment")]
    if not there:
        return
    for document in documents:
        spec = document.get("spec", {})
        match document.get("kind"):
            case "Service":
                selector = spec.get("selector", {})
            case "PodDisruptionBudget" | "RequestAuthentication" | "AuthorizationPolicy":
                selector = spec.get("selector", {}).get("matchLabels", {})
            case "PeerAuthentication":
                selector = spec.get("selector", {}).get("matchLabels", {})
            case "NetworkPolicy":
                selector = spec.get("podSelector", {}).get("matchLabels", {})
            case _:
                continue
        if not any(_covers(selector, labels) for labels in there):
            yield f"{title(document)}: selects no pod of the release"


def pods_are_looked_after(documents: Sequence[Json]) -> Iterator[str]:
    """Want for each of our Deployments a budget and rules for the network."""
    for deployment in of(documents, "Deployment"):
        labels = _labels(deployment)
        if labels.get(_PART_OF) != "bookstore":
            continue
        for kind, where in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
            found = [document["spec"].get(where, {}) for document in of(documents, kind)]
            if not any(_covers(one.get("matchLabels", {}), labels) for one in found):
                yield f"{title(deployment)}: no {kind} is about its pods"


def scaling_finds_its_target(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a scaler of nothing, and a Deployment that says itself how many there are."""
    deployments = {one["metadata"]["name"]: one for one in of(documents, "Deployment")}
    for scaler in of(documents, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]["name"]
        if target not in deployments:
            yield f"{title(scaler)}: scales {target}, which is not there"
        elif "replicas" in deployments[target]["spec"]:
            yield f"{title(scaler)}: each upgrade would set {target} back to its replicas"
        least, most = scaler["spec"].get("minReplicas", 1), scaler["spec"]["maxReplicas"]
        if least > most:
            yield f"{title(scaler)}: {least} at least are more than {most} at most"


def there_is_time_to_drain(documents: Sequence[Json]) -> Iterator[str]:
    """Want a pause before SIGTERM, and time for pause, drain and stop before SIGKILL."""
    settings = {one["metadata"]["name"]: one.get("data", {}) for one in of(documents, "ConfigMap")}
    for deployment in of(documents, "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        for container in spec["containers"]:
            told = [
                settings.get(source.get("configMapRef", {}).get("name"), {})
                for source in container.get("envFrom", ())
            ]
            if not told:
                continue
            delay = sum(float(one.get("DRAIN_DELAY", 0)) for one in told)
            stop = container.get("lifecycle", {}).get("preStop", {})
            pause = stop.get("sleep", {}).get("seconds", 0)
            grace = spec.get("terminationGracePeriodSeconds", 30)
            if not pause:
                yield f"{title(deployment)}: gets SIGTERM while it is still sent requests"
            if grace < pause + delay + _STOP_S:
                yield f"{title(deployment)}: is killed after {grace} s, in the middle of draining"


def settings_are_there(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a pod that reads its settings from what the release does not have."""
    there = {one["metadata"]["name"] for one in of(documents, "ConfigMap")}
    for whose, spec in pods(documents):
        for container in spec["containers"]:
            for source in container.get("envFrom", ()):
                name = source.get("configMapRef", {}).get("name")
                if name is not None and name not in there:
                    yield f"{whose}: ConfigMap {name} is not in the release"


def secrets_may_be_read(documents: Sequence[Json]) -> Iterator[str]:
    """Want every path that Vault's agent asks for to be one that the service's policy allows."""
    for document in documents:
        template = document.get("spec", {}).get("template", {})
        notes = template.get("metadata", {}).get("annotations") or {}
        role = notes.get(f"{_VAULT}role")
        for name, path in notes.items():
            if not name.startswith(f"{_VAULT}agent-inject-secret-"):
                continue
            file = name.rpartition("secret-")[2]
            if not any(_matches(allowed, path) for allowed in _allowed(role)):
                yield f"{title(document)}: Vault's policy {role} does not allow {path}"
            if f'"{path}"' not in notes.get(f"{_VAULT}agent-inject-template-{file}", ""):
                yield f"{title(document)}: {file} is rendered of another path than {path}"


def _allowed(role: str | None) -> list[str]:
    """Return the paths that a service's policy lets it read."""
    file = VAULT_POLICIES / f"{role}.hcl"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [
        path
        for path, body in re.findall(r'path\s+"([^"]+)"\s*\{([^}]*)\}', text)
        if '"read"' in body
    ]


def _matches(allowed: str, path: str) -> bool:
    pattern = re.escape(allowed).replace(r"\+", "[^/]+")
    pattern = pattern.removesuffix(r"\*") + ".*" if pattern.endswith(r"\*") else pattern
    return re.fullmatch(pattern, path) is not None


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    selectors_find_pods,
    pods_are_looked_after,
    scaling_finds_its_target,
    there_is_time_to_drain,
    settings_are_there,
    secrets_may_be_read,
)
