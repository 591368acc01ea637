"""What the specifications promise, the generated operations keep."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from bookstore.kit.caller import Role
from bookstore.kit.http.document import DocumentReader
from bookstore.kit.http.operation import PUBLIC
from libs.contracts.tests.specs import (
    SERVICES,
    Specified,
    document,
    flat,
    module,
    operations,
    validator,
)

OPERATIONS = list(operations())
# The reference system's operations, service by service; ours go on from there.
REFERENCE = {
    "catalog": 16,
    "customer": 14,
    "identity": 4,
    "inventory": 10,
    "order": 3,
    "payment": 2,
}


def each(cases: list[Specified] = OPERATIONS) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", [pytest.param(case, id=case.id) for case in cases])


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_generated_once(service: str) -> None:
    specified = [
        (method.upper(), path)
        for path, item in document(service)["paths"].items()
        for method in item
        if method != "parameters"
    ]
    generated = [
        (one.operation.method, one.operation.path) for one in OPERATIONS if one.service == service
    ]
    assert sorted(generated) == sorted(specified)
    assert len(generated) >= REFERENCE[service]


@each()
def test_who_may_ask_is_who_the_specification_names(one: Specified) -> None:
    roles = one.operation.roles
    named = ["public"] if roles is PUBLIC else [role.value for role in roles]
    assert named == one.specified["x-roles"]
    assert roles is PUBLIC or set(roles) <= set(Role)


@each()
def test_ids_are_read_as_they_are_specified(one: Specified) -> None:
    paths = [part for part in one.specified["parameters"] if part["in"] == "path"]
    kinds = [int if flat(part["schema"])["type"] == "integer" else UUID for part in paths]
    assert list(one.operation.ids) == kinds
    assert [part["name"] for part in paths] == [
        segment[1:-1] for segment in one.operation.path.split("/") if segment.startswith("{")
    ]


@each()
def test_refusals_are_specified(one: Specified) -> None:
    needed = set()
    if one.operation.roles is not PUBLIC:
        needed |= {"401", "403"}
    if one.operation.ids:
        needed |= {"404"}
    if one.operation.body:
        needed |= {"400", "413", "415"}
    if one.operation.query or one.operation.body not in {None, bytes}:
        needed |= {"422"}
    assert needed <= one.specified["responses"].keys()


@each([one for one in OPERATIONS if one.operation.body not in {None, bytes}])
def test_the_example_of_a_body_is_read(one: Specified) -> None:
    ((_, media),) = one.specified["requestBody"]["content"].items()
    assert one.operation.body
    assert DocumentReader(one.operation.body).read(media["example"])
    validator(media["schema"]).validate(media["example"])


@each()
def test_the_example_of_an_answer_is_whole(one: Specified) -> None:
    for status, response in one.specified["responses"].items():
        media = response.get("content", {}).get("application/json")
        if status.startswith("2") and media:
            validator(media["schema"]).validate(media["example"])


@pytest.mark.parametrize("service", SERVICES)
def test_what_may_be_null_says_its_type(service: str) -> None:
    """OpenAPI 3.0.3: `nullable` has no effect where the same schema does not say a type."""
    assert [schema for schema in _nullable(document(service)) if "type" not in schema] == []


def _nullable(node: Any) -> Iterator[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for one in inner:
        yield from _nullable(one)
    if isinstance(node, dict) and node.get("nullable"):
        yield node


@pytest.mark.parametrize("service", SERVICES)
def test_answers_always_have_every_property(service: str) -> None:
    seen: list[str] = []
    for one in OPERATIONS:
        for response in one.specified["responses"].values():
            for media in response.get("content", {}).values():
                if one.service == service and "schema" in media:
                    seen += _optional(media["schema"])
    assert seen == []


def _optional(schema: dict[str, Any]) -> list[str]:
    schema = flat(schema)
    properties = schema.get("properties", {})
    found = [name for name in properties if name not in schema.get("required", ())]
    for inner in properties.values():
        found += _optional(inner)
    return found + (_optional(schema["items"]) if "items" in schema else [])


def test_nothing_is_left_out_of_an_encoded_document() -> None:
    money = module("order").Money(amount=1, currency="USD")
    assert msgspec.json.encode(money) == b'{"amount":1,"currency":"USD"}'
    quote = module("order").Quote(order_items=[], total_price=money)
    assert msgspec.json.decode(msgspec.json.encode(quote)).keys() == {"order_items", "total_price"}


def test_operation_ids_are_unique_among_all_services() -> None:
    ids = [one.specified["operationId"] for one in OPERATIONS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("owner", "name"), [("payment", "Payment"), ("order", "Order")])
def test_what_two_services_show_has_one_shape(owner: str, name: str) -> None:
    own = document(owner)["components"]["schemas"][name]
    shown = document("customer")["components"]["schemas"][f"Customer{name}"]
    assert _shape(shown) == _shape(own)


def _shape(schema: Any) -> Any:
    """Return the schema without its words: what programs see of it."""
    if not isinstance(schema, dict):
        return schema
    words = {"description", "example"}
    found = {key: value for key, value in flat(schema).items() if key not in words}
    for key in found.keys() & {"properties"}:
        found[key] = {inner: _shape(value) for inner, value in found[key].items()}
    for key in found.keys() & {"items"}:
        found[key] = _shape(found[key])
    return found
