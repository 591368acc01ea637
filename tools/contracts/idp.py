"""The identity provider's API → a typed client of it, by our template in api/idp.

Its names are its own, so each is given a Python name here and keeps the other on the wire.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tools.contracts.annotate import operations
from tools.contracts.openapi import bundle, fill, lint, tidy
from tools.contracts.process import ROOT

IDP = ROOT / "api/idp"
JSON = "application/json"
TYPES = {"string": "str", "integer": "int", "boolean": "bool"}


def generate_idp(target: Path, build: Path) -> None:
    """Write the client's module to the target."""
    lint(IDP)
    source = build / "idp.json"
    bundle(IDP, source)
    document = annotate_idp(json.loads(source.read_text(encoding="utf-8")))
    source.write_text(json.dumps(document), encoding="utf-8")
    (made,) = fill([source], IDP / "generator.yaml", build, "idp.py")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, target)
    tidy(target)


def annotate_idp(document: dict[str, Any]) -> dict[str, Any]:
    """Add what the template needs to know, as vendor extensions."""
    components = document["components"]
    for schema in components["schemas"].values():
        schema["x-doc"] = schema["description"]
        names = {snake_case(name): name for name in schema["properties"]}
        changed = {ours: theirs for ours, theirs in names.items() if ours != theirs}
        if changed:
            schema["x-rename"] = json.dumps(changed)
        for name, inner in schema["properties"].items():
            optional = name not in schema.get("required", ())
            kind = python_type(inner)
            schema["properties"][name] = {
                "type": "string",
                "x-field": snake_case(name),
                "x-type": f"{kind} | None = None" if optional else kind,
            }
    for _, path, operation in operations(document):
        item = document["paths"][path]
        parameters = item.get("parameters", []) + operation.get("parameters", [])
        _annotate_operation(path, operation, [_resolve(document, p) for p in parameters])
    return document


def _resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        group, name = node["$ref"].split("/")[-2:]
        found: dict[str, Any] = document["components"][group][name]
        return found
    return node


def _annotate_operation(
    path: str, operation: dict[str, Any], parameters: list[dict[str, Any]]
) -> None:
    positional = ["self"] + [
        f"{snake_case(p['name'])}: str" for p in parameters if p["in"] == "path"
    ]
    queries = [p for p in parameters if p["in"] == "query"]
    arguments = ""
    result, kind = _result(operation["responses"])
    if kind == "read":
        arguments += f", {result}"
    if body := operation.pop("requestBody", None):
        ((content_type, media),) = body["content"].items()
        positional.append(f"body: {python_type(media['schema'])}")
        arguments += ", document=body" if content_type == JSON else ", form=body"
    keywords = ["token: str"] * bool(operation["security"])
    arguments += ", token=token" * bool(operation["security"])
    if queries:
        keywords += [
            f"{snake_case(p['name'])}: {python_type(p['schema'])} | None = None" for p in queries
        ]
        pairs = ", ".join(f'"{p["name"]}": {snake_case(p["name"])}' for p in queries)
        arguments += f", query={{{pairs}}}"
    operation["x-doc"] = f"{operation['summary']}."
    operation["x-signature"] = ", ".join(
        [*positional, "/", *(["*", *keywords] if keywords else [])]
    )
    operation["x-address"] = _address(path)
    operation["x-arguments"] = arguments
    operation["x-result"], operation["x-kind"] = result, kind
    operation["x-returns"] = kind != "do"
    operation["responses"] = {"200": {"description": "Said by x-result."}}


def _result(responses: dict[str, Any]) -> tuple[str, str]:
    """Return what the method returns, and which of the template's functions makes it."""
    for response in responses.values():
        if content := response.get("content"):
            return python_type(content[JSON]["schema"]), "read"
        if "Location" in response.get("headers", {}):
            return "str", "create"
        return "None", "do"
    raise AssertionError("lint lets no operation through without responses")


def _address(path: str) -> str:
    """Return the path as an f-string whose parts in braces cannot become anything else."""
    filled = re.sub(r"\{([^}]+)\}", _quoted, path)
    return f'f"{filled}"'


def _quoted(part: re.Match[str]) -> str:
    return f"{{quote({snake_case(part[1])}, safe='')}}"


def python_type(schema: dict[str, Any]) -> str:
    """Return the schema's type in Python."""
    match schema:
        case {"$ref": str(reference)}:
            return reference.rpartition("/")[2]
        case {"enum": list(values)}:
            return f"Literal[{', '.join(json.dumps(value) for value in values)}]"
        case {"type": "array", "items": dict(items)}:
            return f"list[{python_type(items)}]"
        case {"additionalProperties": dict(inner)}:
            return f"dict[str, {python_type(inner)}]"
    return TYPES[schema["type"]]


def snake_case(name: str) -> str:
    """Return `firstName` and `user-id` as Python names them."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).replace("-", "_").lower()
