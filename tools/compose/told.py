"""What compose.yaml tells our services: settings that they know, and that make sense together.

Their own settings are asked, with the secrets that deploy/compose/secrets.sh makes up.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec
from tools.compose.model import ROOT, Json, is_job, ours, services, targets

from bookstore.kit.http import HttpSettings
from bookstore.kit.process_settings import ProcessSettings
from bookstore.kit.rpc import TlsSettings
from bookstore.kit.settings import SettingsError, names_of, read_settings
from bookstore.saga.conductor.working import WorkSettings

SIX: Final = ("catalog", "customer", "identity", "inventory", "order", "payment")


def senseless(model: Json, secrets: Path) -> list[str]:
    """Return what our services would not know or would refuse; `secrets` is a folder."""
    return [
        f"{name}: {problem}"
        for name, service in services(model).items()
        if (which := ours(service)) is not None
        for problem in _problems(which, service, model, secrets)
    ]


def _problems(which: str, service: Json, model: Json, secrets: Path) -> Iterator[str]:
    environment: Mapping[str, str] = service.get("environment", {})
    kinds = _kinds(which, service)
    known = {
        name for kind in kinds for field in kind.__struct_fields__ for name in _names(field, which)
    }
    for variable, value in environment.items():
        neighbour = variable.removesuffix("_RPC").lower()
        if neighbour in SIX and variable.endswith("_RPC"):
            if value.partition(":")[0] not in services(model):
                yield f"{variable} is {value}, where nobody is"
        elif variable not in known:
            yield f"{variable} is no setting of {which}"
    if not is_job(service):
        read = _outside(service, model, secrets)
        for kind in kinds:
            try:
                read_settings(kind, which.upper(), read)
            except SettingsError as error:
                yield from error.problems


def _kinds(which: str, service: Json) -> list[type[msgspec.Struct]]:
    own: type[msgspec.Struct] = import_module(f"bookstore.{which}.settings").Settings
    works = [WorkSettings] if service.get("command") == ["work"] else []
    return [own, ProcessSettings, HttpSettings, TlsSettings, *works]


def _names(field: str, which: str) -> list[str]:
    return [each for name in names_of(field, which.upper()) for each in (name, f"{name}_FILE")]


def _outside(service: Json, model: Json, secrets: Path) -> dict[str, str]:
    """Return the environment with the paths of mounted files as they are outside the container."""
    mounted = {path: str(secrets / name) for path, name in targets(service).items()}
    for each in service.get("configs", []):
        mounted[each["target"]] = str(ROOT / model["configs"][each["source"]]["file"])
    pairs: Mapping[str, str] = service.get("environment", {})
    return {name: mounted.get(value, value) for name, value in pairs.items()}
