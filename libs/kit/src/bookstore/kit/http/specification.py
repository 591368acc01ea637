"""One specification of all that is served: the services' own, put together."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bookstore.kit.http.operation import Operation


def merged(operations: Sequence[Operation]) -> bytes:
    """Return the specification of exactly these operations, as JSON.

    Components of one name in several services are the same where they are shared; where they
    are not, the service's name goes before.
    """
    served = {(operation.path, operation.method.lower()) for operation in operations}
    documents = [_read(path) for path in _sources(operations)]
    whole: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {
            "title": "Bookstore",
            "description": "An online bookstore.",
            "version": "1.0.0",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "servers": [{"url": "/"}],
        "tags": [],
        "paths": {},
        "components": {},
    }
    if len(documents) == 1:
        whole["info"] = documents[0][1]["info"]
    for name, document in documents:
        _rename(document, whole["components"], name)
        for group, components in document.get("components", {}).items():
            whole["components"].setdefault(group, {}).update(components)
        for tag in document.get("tags", ()):
            if tag["name"] not in {known["name"] for known in whole["tags"]}:
                whole["tags"].append(tag)
        for path, item in document["paths"].items():
            kept = {
                key: value
                if key == "parameters"
                else {"security": document.get("security", []), **value}
                for key, value in item.items()
                if key == "parameters" or (path, key) in served
            }
            if kept.keys() - {"parameters"}:
                whole["paths"].setdefault(path, {}).update(kept)
    return msgspec.json.encode(whole)


def _sources(operations: Iterable[Operation]) -> list[Path]:
    return list(dict.fromkeys(operation.specification for operation in operations))


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    return path.stem, msgspec.json.decode(path.read_bytes())


def _rename(document: dict[str, Any], known: dict[str, Any], service: str) -> None:
    """Give components that differ from another's of the same name a name of their own."""
    moved: dict[str, str] = {}
    for group, components in document.get("components", {}).items():
        for name in list(components):
            other = known.get(group, {}).get(name)
            if other is not None and other != components[name]:
                own = f"{service.capitalize()}{name}"
                components[own] = components.pop(name)
                moved[f"#/components/{group}/{name}"] = f"#/components/{group}/{own}"
    if moved:
        _repoint(document, moved)


def _repoint(node: object, moved: dict[str, str]) -> None:
    if isinstance(node, dict):
        if (reference := node.get("$ref")) in moved:
            node["$ref"] = moved[reference]
        for inner in node.values():
            _repoint(inner, moved)
    elif isinstance(node, list):
        for inner in node:
            _repoint(inner, moved)
