"""Several services' specifications become one, without mixing up what differs."""

import json
from pathlib import Path
from typing import Any

from bookstore.kit.http import PUBLIC, Operation
from bookstore.kit.http.specification import merged


def write(directory: Path, service: str, path: str, thing: dict[str, Any]) -> Operation:
    """Write a service's specification, and return its operation."""
    reference = {"$ref": "#/components/schemas/Thing"}
    operation = {"operationId": f"get_{service}", "tags": ["Things"], "x-of": [reference]}
    document = {
        "openapi": "3.0.3",
        "info": {"title": service},
        "security": [{"bearer": []}],
        "tags": [{"name": "Things"}],
        "paths": {path: {"get": operation}},
        "components": {"schemas": {"Thing": thing, "Money": {"type": "object"}}},
    }
    file = directory / f"{service}.json"
    file.write_text(json.dumps(document))

    async def handler() -> None:
        """Never asked."""

    return Operation("GET", path, handler, roles=PUBLIC, specification=file, status=200)


def test_components_that_differ_keep_apart(tmp_path: Path) -> None:
    operations = [
        write(tmp_path, "catalog", "/books", {"type": "object"}),
        write(tmp_path, "order", "/orders", {"type": "string"}),
    ]
    whole = json.loads(merged(operations))
    assert whole["info"]["title"] == "Bookstore"
    assert whole["components"]["schemas"].keys() == {"Thing", "OrderThing", "Money"}
    for path, name in (("/books", "Thing"), ("/orders", "OrderThing")):
        operation = whole["paths"][path]["get"]
        assert operation["x-of"] == [{"$ref": f"#/components/schemas/{name}"}]
        assert operation["security"] == [{"bearer": []}]
    assert whole["tags"] == [{"name": "Things"}]


def test_only_what_is_served_is_described(tmp_path: Path) -> None:
    books = write(tmp_path, "catalog", "/books", {"type": "object"})
    orders = write(tmp_path, "order", "/orders", {"type": "string"})
    assert json.loads(merged([books]))["paths"].keys() == {"/books"}
    assert json.loads(merged([orders]))["info"]["title"] == "order"
