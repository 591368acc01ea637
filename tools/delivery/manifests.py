"""Kubernetes manifests on the ladder: how each rung looks at a text of YAML documents."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from tools.delivery.cluster import refused_by_server, refused_by_webhook
from tools.delivery.ladder import Check, Good, Rung
from tools.delivery.rules import broken
from tools.delivery.schemas import refused_by_schema

Json: TypeAlias = dict[str, Any]
ROOT: Final = Path(__file__).parents[2]


class _OnceOnly(yaml.SafeLoader):
    """YAML in which a name that is said twice is a mistake, and not the last word."""


def _mapping(loader: _OnceOnly, node: yaml.MappingNode) -> Json:
    found: Json = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key} is said twice", key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_OnceOnly.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def documents(text: str) -> list[Json]:
    """Return the documents of a text; raises yaml.YAMLError where it is none."""
    return [document for document in yaml.load_all(text, Loader=_OnceOnly) if document is not None]


def unreadable(text: str) -> Iterator[str]:
    """Say why a text is no YAML, or no resource."""
    try:
        found: list[Any] = documents(text)
    except yaml.YAMLError as error:
        yield str(error)
        return
    seen: set[tuple[object, ...]] = set()
    for number, document in enumerate(found, start=1):
        if not isinstance(document, dict) or not document.get("kind"):
            yield f"document {number} is no resource: it has no kind"
            continue
        meta = document.get("metadata", {})
        identity = (document.get("apiVersion"), document["kind"], meta.get("namespace"))
        name = meta.get("name") or meta.get("generateName")
        if name is None and not document["kind"].endswith("Kustomization"):
            yield f"document {number}, a {document['kind']}, has no name"
        if (*identity, name) in seen:
            yield f"{document['kind']} {name} is there twice"
        seen.add((*identity, name))


CHECKS: Final[Mapping[Rung, Check]] = {
    Rung.RENDER: unreadable,
    Rung.POLICY: lambda text: broken(documents(text)),
    Rung.SCHEMA: refused_by_schema,
    Rung.SERVER: refused_by_server,
    Rung.WEBHOOK: refused_by_webhook,
}


def committed(path: str) -> Good:
    """Return a committed file of manifests, by its path from the repository's root."""
    return Good(path, lambda: (ROOT / path).read_text(encoding="utf-8"), CHECKS)
