"""What we ask of a Compose file: versions, health, few rights, hidden secrets, closed ports."""

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from tools.compose.model import ROOT, Json, is_job, names, ours, services, targets

Rule: TypeAlias = Callable[[str, Json, Json], Iterator[str]]

_OPEN: Final = ("edge", "grafana")  # to whom people come
_DRAIN_S: Final = 20  # how long a process of ours takes to end, at most
_SECRET: Final = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE|DATABASE_URL|NETWORK_URL")
_CREDENTIALS: Final = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_WAITS: Final = {True: "service_completed_successfully", False: "service_healthy"}


def broken(model: Json) -> list[str]:
    """Return what a file breaks, each as a sentence that begins with the service's name."""
    return [
        f"{name}: {problem}"
        for name, service in services(model).items()
        for rule in _RULES
        for problem in rule(name, service, model)
    ]


def _version(_name: str, service: Json, _model: Json) -> Iterator[str]:
    name, _, tag = service.get("image", "").rpartition(":")
    if not name or "/" in tag:
        yield "the image has no version"
    elif not any(map(str.isdigit, tag)):
        yield f"{tag} is no version"


def _health(_name: str, service: Json, _model: Json) -> Iterator[str]:
    check = service.get("healthcheck", {})
    if is_job(service):
        if not check.get("disable"):
            yield "is a job, whose health nobody asks: healthcheck: { disable: true }"
    elif service.get("x-unasked"):
        return  # it says why
    elif check.get("disable") or not (check.get("test") or ours(service)):
        yield "nobody can tell whether it is healthy: no healthcheck"


def _ports(name: str, service: Json, _model: Json) -> Iterator[str]:
    for port in service.get("ports", []):
        if name not in _OPEN:
            yield f"publishes {port}, but only {' and '.join(_OPEN)} may"
        elif not str(port).startswith("127.0.0.1:"):
            yield f"publishes {port} to the world, and not to 127.0.0.1"
    if service.get("network_mode"):
        yield "has the host's network, or another's"


def _rights(_name: str, service: Json, _model: Json) -> Iterator[str]:
    user, _, _group = str(service.get("user", "0")).partition(":")
    if not user.isdecimal() or int(user) == 0:
        yield "runs as root, or as a name that may be root's"
    if service.get("read_only") is not True:
        yield "may write to its own root: no read_only"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges: no no-new-privileges"
    if service.get("privileged"):
        yield "is privileged"


def _limits(_name: str, service: Json, _model: Json) -> Iterator[str]:
    for limit in ("mem_limit", "pids_limit"):
        if not service.get(limit):
            yield f"has no {limit}"


def _endurance(_name: str, service: Json, _model: Json) -> Iterator[str]:
    if not is_job(service) and service.get("restart") != "unless-stopped":
        yield "is not started again when it ends"
    grace = re.fullmatch(r"(\d+)s", service.get("stop_grace_period", "10s"))
    if not is_job(service) and (grace is None or int(grace[1]) <= _DRAIN_S):
        yield f"is killed before it has drained, which takes {_DRAIN_S} s: stop_grace_period"


def _secrecy(_name: str, service: Json, _model: Json) -> Iterator[str]:
    environment = service.get("environment", {})
    pairs = environment.items() if isinstance(environment, dict) else ()
    if not isinstance(environment, dict):
        yield "its environment is a list; write a mapping"
    mounted = targets(service)
    for variable, value in pairs:
        if _CREDENTIALS.search(str(value)):
            yield f"{variable} holds a password for everybody to see"
        elif variable.endswith("_FILE") and str(value).startswith("/run/secrets/"):
            if value not in mounted:
                yield f"{variable} is {value}, which is not mounted"
        elif _SECRET.search(variable):
            yield f"{variable} is a secret in an environment; {variable}_FILE reads a file"


def _order(_name: str, service: Json, model: Json) -> Iterator[str]:
    waits = service.get("depends_on", {})
    if not isinstance(waits, dict):
        yield "depends_on says not for what it waits: write a condition"
        return
    for other, how in waits.items():
        if other not in services(model):
            yield f"depends_on {other}, which is no service"
        elif how.get("condition") != (wanted := _WAITS[is_job(services(model)[other])]):
            yield f"waits for {other} without {wanted}"


def _mounts(_name: str, service: Json, model: Json) -> Iterator[str]:
    for kind in ("configs", "secrets", "networks"):
        for name in names(service.get(kind)):
            if name not in model.get(kind, {}):
                yield f"{name} is not among the {kind}"
    for name in names(service.get("configs")):
        file = model["configs"].get(name, {}).get("file", "")
        if file and not (ROOT / file).is_file():
            yield f"{file} is not there"
    for volume in service.get("volumes", []):
        name = str(volume).partition(":")[0]
        if name not in model.get("volumes", {}):
            yield f"{name} is no volume of this file"


def _images(_name: str, service: Json, _model: Json) -> Iterator[str]:
    if (which := ours(service)) and not service["image"].startswith(f"bookstore-{which}:"):
        yield f"{service['image']} is the name of what is built for {which}"


_RULES: Final[tuple[Rule, ...]] = (
    _version,
    _health,
    _ports,
    _rights,
    _limits,
    _endurance,
    _secrecy,
    _order,
    _mounts,
    _images,
)
