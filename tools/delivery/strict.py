"""Makes JSON schemas that refuse what is unknown, of Kubernetes' specification and of CRDs."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
Name: TypeAlias = tuple[str, str, str]  # group (of the core "v1", as in apiVersion), version, kind

_QUANTITY: Final = {"oneOf": [{"type": "string"}, {"type": "number"}]}
_OF_ANY_TYPE: Final = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _QUANTITY,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "oneOf": [{"type": "string"}, {"type": "integer"}]
    },
}


def of_specification(swagger: Json) -> Iterator[tuple[Name, Json]]:
    """Yield the schema of each kind that Kubernetes itself has, with all it refers to inside."""
    definitions = {
        name: _OF_ANY_TYPE.get(name) or _strict(schema)
        for name, schema in swagger["definitions"].items()
    }
    for name, schema in swagger["definitions"].items():
        for known in schema.get("x-kubernetes-group-version-kind", ()):
            used = {needed: definitions[needed] for needed in _needed(definitions, name)}
            whole = {"$ref": f"#/definitions/{name}", "definitions": used}
            yield (known["group"] or known["version"], known["version"], known["kind"]), whole


def of_crd(document: Json) -> Iterator[tuple[Name, Json]]:
    """Yield the schema of each version of a CRD; nothing for other documents."""
    if document.get("kind") != "CustomResourceDefinition":
        return
    spec = document["spec"]
    for version in spec["versions"]:
        schema = _strict(version["schema"]["openAPIV3Schema"])
        known = schema.setdefault("properties", {})
        known |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
        known["metadata"] = {"type": "object"}
        yield (spec["group"], version["name"], spec["names"]["kind"]), schema


def _strict(schema: Any) -> Any:  # noqa: ANN401 — JSON
    """Return a copy in which an object that names its members has no others."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"oneOf": [{"type": "string"}, {"type": "number"}]}
    made = {
        key: {name: _strict(member) for name, member in value.items()}
        if key == "properties"
        else _strict(value)
        for key, value in schema.items()
        if key not in {"description", "default", "example"} and not key.startswith("x-")
    }
    closed = "properties" in made and not schema.get("x-kubernetes-preserve-unknown-fields")
    if closed and "additionalProperties" not in made:
        made["additionalProperties"] = False
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _needed(definitions: Json, name: str) -> set[str]:
    """Return the names of all definitions that one refers to, itself among them."""
    found, left = set(), [name]
    while left:
        current = left.pop()
        if current not in found:
            found.add(current)
            left += _references(definitions[current])
    return found


def _references(schema: Any) -> Iterator[str]:  # noqa: ANN401 — JSON
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)
