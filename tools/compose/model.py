"""A Compose file as our rules look at it: merged, with the defaults filled in."""

import re
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

Json: TypeAlias = dict[str, Any]

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final = ROOT / "compose.yaml"
OBSERVABILITY: Final = ROOT / "deploy/compose/observability.yaml"
OURS: Final = "deploy/docker/Dockerfile"
_VARIABLE: Final = re.compile(r"\$\{\w+:-([^}]*)\}")


def read(file: Path = COMPOSE) -> Json:
    """Return the file's content; a variable is its default."""
    content: Json = yaml.safe_load(file.read_text(encoding="utf-8"))
    filled: Json = _filled(content)
    return filled


def laid_over(model: Json, overlay: Json) -> Json:
    """Return the two as one, as Compose does it, so far as ours need it."""
    made = {**overlay, **model}
    for kind in ("services", "networks", "volumes", "configs", "secrets"):
        made[kind] = {**model[kind], **overlay.get(kind, {})}
    for name, service in overlay["services"].items():
        below = model["services"].get(name, {})
        environment = {**below.get("environment", {}), **service.get("environment", {})}
        made["services"][name] = {**below, **service, "environment": environment}
    return made


def services(model: Json) -> dict[str, Json]:
    """Return the services by name."""
    found: dict[str, Json] = model["services"]
    return found


def is_job(service: Json) -> bool:
    """Whether it does something and ends, as a migration does."""
    return str(service.get("restart", "")).startswith("on-failure")


def ours(service: Json) -> str | None:
    """Return which of the six it is a process of, if any."""
    build = service.get("build", {})
    return build["args"]["SERVICE"] if build.get("dockerfile") == OURS else None


def names(entries: object) -> list[str]:
    """Return the names of what is a list or a mapping, in the short form or the long."""
    if isinstance(entries, dict):
        return list(entries)
    if not isinstance(entries, list):
        return []
    return [entry["source"] if isinstance(entry, dict) else str(entry) for entry in entries]


def targets(service: Json) -> dict[str, str]:
    """Return what is mounted as a secret, by its path in the container."""
    mounted = {}
    for entry in service.get("secrets", []):
        long = entry if isinstance(entry, dict) else {"source": entry}
        name = long.get("target", long["source"])
        mounted[f"/run/secrets/{name}"] = str(long["source"])
    return mounted


def _filled(value: Any) -> Any:  # noqa: ANN401 — whatever a YAML file holds
    if isinstance(value, str):
        return _VARIABLE.sub(r"\1", value)
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items()}
    return value
