"""What a pod may be, whoever makes it: a Deployment, a Job, a test, a task's step."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
_TEMPLATES: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job")


def title(document: Json) -> str:
    """Return how people call a resource: Deployment order-command."""
    return f"{document.get('kind')} {document.get('metadata', {}).get('name')}"


def pods(documents: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each pod's spec, with the name of what makes it."""
    for document in documents:
        if document.get("kind") in _TEMPLATES:
            yield title(document), document["spec"]["template"]["spec"]
        elif document.get("kind") == "CronJob":
            yield title(document), document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        elif document.get("kind") == "Pod":
            yield title(document), document["spec"]


def containers(documents: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Yield each container, those that only prepare among them."""
    for whose, spec in pods(documents):
        for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
            yield f"{whose}, container {container.get('name')}", container


def images_are_pinned(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a tag that moves, since it runs something else tomorrow."""
    for whose, container in containers(documents):
        image = container.get("image", "")
        name = image.rpartition("/")[2]
        if "@sha256:" not in image and (":" not in name or name.endswith(":latest")):
            yield f"{whose}: image {image or '(none)'} has no tag of its own, nor a digest"


def nothing_is_privileged(documents: Sequence[Json]) -> Iterator[str]:
    """Want what Pod Security's `restricted` wants, and a root file system nobody writes to."""
    for whose, container in containers(documents):
        context = container.get("securityContext", {})
        if context.get("privileged"):
            yield f"{whose}: is privileged"
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{whose}: may escalate its privileges"
        if context.get("readOnlyRootFilesystem") is not True:
            yield f"{whose}: writes to its root file system"
        if "ALL" not in context.get("capabilities", {}).get("drop", ()):
            yield f"{whose}: keeps capabilities"


def nothing_is_the_nodes(documents: Sequence[Json]) -> Iterator[str]:
    """Keep pods apart from the node they run on, and from its root."""
    for whose, spec in pods(documents):
        if spec.get("securityContext", {}).get("runAsNonRoot") is not True:
            yield f"{whose}: may run as root"
        for shared in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(shared):
                yield f"{whose}: shares the node's {shared}"
        if any("hostPath" in volume for volume in spec.get("volumes", ())):
            yield f"{whose}: mounts a folder of the node"


def resources_are_said(documents: Sequence[Json]) -> Iterator[str]:
    """Ask for what scheduler and kernel have to know; a limit on CPU would only throttle."""
    for whose, container in containers(documents):
        said = container.get("resources", {})
        for kind, what in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if what not in said.get(kind, {}):
                yield f"{whose}: resources.{kind}.{what} is missing"


def servers_are_probed(documents: Sequence[Json]) -> Iterator[str]:
    """Ask whoever serves to say when it can, and when it cannot any more."""
    for document in documents:
        if document.get("kind") not in {"Deployment", "StatefulSet"}:
            continue
        for container in document["spec"]["template"]["spec"]["containers"]:
            for probe in ("readinessProbe", "livenessProbe"):
                if probe not in container:
                    yield f"{title(document)}, container {container['name']}: has no {probe}"
            ready, alive = container.get("readinessProbe"), container.get("livenessProbe")
            asked = ready and ready.get("httpGet")
            if asked and alive and asked == alive.get("httpGet"):
                yield (
                    f"{title(document)}: is restarted when it is not ready (one path for both "
                    "probes), so that a neighbour's outage becomes its own"
                )


def secrets_stay_out_of_environments(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse what would be in every crash report and every `kubectl describe`."""
    for whose, container in containers(documents):
        for variable in container.get("env", ()):
            name = variable["name"]
            if "secretKeyRef" in variable.get("valueFrom", {}) or (
                name.endswith(("SECRET", "PASSWORD", "DATABASE_URL", "TOKEN"))
            ):
                yield f"{whose}: {name} is in its environment; let it read {name}_FILE"
    for document in documents:
        if document.get("kind") == "ConfigMap":
            for name in document.get("data") or ():
                if name.endswith(("SECRET", "PASSWORD", "DATABASE_URL", "TOKEN")):
                    yield f"{title(document)}: {name} is a secret; let it be read from {name}_FILE"


def accounts_are_own(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse the default account, whose rights and name in the mesh are everybody's."""
    for whose, spec in pods(documents):
        if spec.get("serviceAccountName", "default") == "default":
            yield f"{whose}: runs as the default service account"


def they_come_one_by_one(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse an update that takes away what serves before something else does."""
    for document in documents:
        if document.get("kind") == "Deployment":
            rolling = document["spec"].get("strategy", {}).get("rollingUpdate", {})
            if rolling.get("maxUnavailable") != 0:
                yield f"{title(document)}: an update takes pods away before others serve"


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    images_are_pinned,
    nothing_is_privileged,
    nothing_is_the_nodes,
    resources_are_said,
    servers_are_probed,
    secrets_stay_out_of_environments,
    accounts_are_own,
    they_come_one_by_one,
)
