"""A sound little specification, and every flaw of which one is enough to refuse it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Flaw = Callable[[dict[str, Any]], None]

REFUSALS = ("400", "401", "403", "404", "408", "413", "415", "422", "503")
REFUSED = {status: {"description": "Refused."} for status in REFUSALS}
SOUND: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {
        "title": "Shop",
        "description": "A shop.",
        "version": "1.0.0",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    },
    "servers": [{"url": "/"}],
    "security": [{"bearer": []}],
    "tags": [{"name": "Things", "description": "Things to buy."}],
    "paths": {
        "/things/{id}": {
            "put": {
                "operationId": "replace_thing",
                "summary": "Replace a thing",
                "description": "All of it.",
                "tags": ["Things"],
                "x-roles": ["manage"],
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
                    },
                    {
                        "name": "colours[]",
                        "in": "query",
                        "schema": {
                            "type": "array",
                            "maxItems": 9,
                            "items": {"$ref": "#/components/schemas/Colour"},
                        },
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}
                    },
                },
                "responses": {"204": {"description": "Replaced."}, **REFUSED},
            }
        }
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Colour": {"description": "A colour.", "type": "string", "enum": ["red", "blue"]},
            "NewThing": {
                "description": "A thing to add.",
                "type": "object",
                "additionalProperties": False,
                "required": ["title"],
                "properties": {
                    "title": {"type": "string", "minLength": 1, "maxLength": 9},
                    "code": {
                        "type": "string",
                        "maxLength": 3,
                        "pattern": "^[A-Z]{3}$",
                        "nullable": True,
                    },
                    "colour": {
                        "allOf": [{"$ref": "#/components/schemas/Colour"}],
                        "default": "red",
                    },
                },
            },
        },
    },
}


def operation(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/things/{id}"]["put"]
    return found


def thing(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]["NewThing"]
    return found


def with_property(name: str, **schema: object) -> Flaw:
    return lambda document: thing(document)["properties"].update({name: schema})


def with_operation(**members: object) -> Flaw:
    return lambda document: operation(document).update(members)


def without(member: str) -> Flaw:
    return lambda document: operation(document).pop(member.replace("_", "-"))


def with_parameter(name: str) -> Flaw:
    schema = {"type": "string", "maxLength": 9}
    parameter = {"name": name, "in": "query", "schema": schema}
    return lambda document: operation(document)["parameters"].append(parameter)


def without_response(status: str) -> Flaw:
    return lambda document: operation(document)["responses"].pop(status)


TEXT: dict[str, Any] = {"type": "string", "maxLength": 9, "nullable": True}

# Refused by redocly's rules, in api/openapi/redocly.yaml.
LINTED: dict[str, Flaw] = {
    "no roles": without("x_roles"),
    "no summary": without("summary"),
    "no description": without("description"),
    "no operationId": lambda document: operation(document).pop("operationId"),
    "no tag": without("tags"),
    "two tags": with_operation(tags=["Things", "Others"]),
    "a tag nobody described": with_operation(tags=["Others"]),
    "an operationId in camel case": with_operation(operationId="replaceThing"),
    "no failure": with_operation(responses={"204": {"description": "Done."}}),
    "no success": with_operation(responses={"422": {"description": "Refused."}}),
    "an open object": lambda document: thing(document).pop("additionalProperties"),
    "an object open on purpose": lambda document: thing(document).update(
        additionalProperties=True
    ),
    "a pattern without a length": with_property(
        "x", type="string", pattern="^[a-z]+$", nullable=True
    ),
    "a pattern with Python's digits": with_property("x", **TEXT, pattern=r"^\d+$"),
    "a pattern with Python's words": with_property("x", **TEXT, pattern=r"^\w+$"),
    "a pattern with Python's blanks": with_property("x", **TEXT, pattern=r"^\s+$"),
    "a choice of shapes": with_property("x", oneOf=[TEXT], nullable=True),
    "any of some shapes": with_property("x", anyOf=[TEXT], nullable=True),
    "not a shape": with_property("x", type="string", maxLength=9, nullable=True, **{"not": TEXT}),
    "unique items": with_property("x", type="array", items=TEXT, default=[], uniqueItems=True),
    "a property in camel case": with_property("unitPrice", **TEXT),
    "a property that is a keyword": with_property("from", **TEXT),
    "a property that hides a type": with_property("date", **TEXT),
    "a parameter in camel case": with_parameter("unitPrice"),
    "a parameter that is a keyword": with_parameter("class"),
    "an integer without a maximum": with_property("x", type="integer", minimum=1, default=1),
    "an integer without a minimum": with_property("x", type="integer", maximum=1, default=1),
    "a number that is no integer": with_property("x", type="number", default=1),
    "a format nobody checks": with_property("x", **TEXT, format="email"),
    "a component nobody uses": lambda document: document["components"]["schemas"].update(
        Unused={"type": "string", "maxLength": 9}
    ),
    "a reference to nothing": with_property("x", **{"$ref": "#/components/schemas/Nothing"}),
}

# Refused by tools/contracts/annotate.py, with a sentence of which this is a part.
ANNOTATED: dict[str, Flaw] = {
    "must say who may ask": with_operation(**{"x-roles": []}),
    "is no role": with_operation(**{"x-roles": ["manager"]}),
    "or not alone": with_operation(**{"x-roles": ["public", "manage"], "security": []}),
    "is public, so": with_operation(**{"x-roles": ["public"]}),
    "needs a security scheme": with_operation(security=[]),
    "security scheme": with_operation(security=[{}, {"bearer": []}]),
    "no 2xx": with_operation(responses={"422": {"description": "Refused."}}),
    **{f"may also be answered {status}$": without_response(status) for status in REFUSALS},
    "optional, so": with_property("x", type="string", maxLength=9),
    "say in its description": lambda document: thing(document).pop("description"),
    "a body is required": lambda document: operation(document)["requestBody"].pop("required"),
    "give the schema a name": lambda document: operation(document)["requestBody"].update(
        content={"application/json": {"schema": {"type": "string", "maxLength": 9}}}
    ),
    "an object says its properties": with_property("x", type="object", nullable=True),
    "says how long it may be": with_property("x", type="string", nullable=True),
    "says how many": with_property("x", type="array", items=TEXT, default=[]),
}


def flawed(flaw: Flaw) -> dict[str, Any]:
    """Return the specification with one flaw."""
    document = deepcopy(SOUND)
    flaw(document)
    return document
