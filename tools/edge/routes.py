"""What the specifications say that an edge has to know: whose path it is, and who may ask."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SPECIFICATIONS: Final = (
    Path(__file__).parents[2] / "libs/contracts/src/bookstore/contracts/openapi"
)
SAFE: Final = ("GET", "HEAD")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Rule:
    """One operation: `reads` goes to whoever only answers questions; any of `roles` may ask."""

    service: str
    path: str
    method: str
    roles: tuple[str, ...]
    reads: bool

    @property
    def is_public(self) -> bool:
        """Tell whether it takes no token."""
        return "public" in self.roles

    @property
    def pattern(self) -> str:
        """The path as a regular expression (RE2), anchored by Envoy itself."""
        segments = self.path.split("/")
        return "/".join("[^/]+" if part.startswith("{") else _literal(part) for part in segments)


def rules() -> list[Rule]:
    """Return every operation, plain paths before those with parameters."""
    found = [rule for service in services() for rule in _of(service)]
    return sorted(found, key=lambda rule: ("{" in rule.path, rule.path, rule.method))


def services() -> list[str]:
    """Return the names of the services that have a specification."""
    return sorted(path.stem for path in SPECIFICATIONS.glob("*.json"))


def prefixes() -> Mapping[str, str]:
    """Return the service of each prefix, such as /api/v1/orders; raises ValueError on a clash."""
    owners: dict[str, str] = {}
    for rule in rules():
        prefix = "/".join(rule.path.split("/")[: 4 if rule.path.startswith("/api/") else 2])
        if owners.setdefault(prefix, rule.service) != rule.service:
            raise ValueError(f"{prefix} belongs to {owners[prefix]} and to {rule.service}")
    return owners


def _of(service: str) -> Iterator[Rule]:
    document = json.loads((SPECIFICATIONS / f"{service}.json").read_text(encoding="utf-8"))
    for path, item in document["paths"].items():
        for method in _METHODS:
            operation: dict[str, Any] | None = item.get(method)
            if operation is not None:
                yield Rule(
                    service=service,
                    path=path,
                    method=method.upper(),
                    roles=tuple(operation["x-roles"]),
                    reads=method.upper() in SAFE or bool(operation.get("x-reads")),
                )


def _literal(segment: str) -> str:
    return segment.replace(".", "\\.")
