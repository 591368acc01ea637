"""The schemas that kubeconform gets: strict where a project's own are not."""

from typing import Any

from jsonschema import Draft202012Validator
from tools.delivery.strict import of_crd, of_specification

Json = dict[str, Any]


def crd(schema: Json) -> Json:
    version = {"name": "v1", "schema": {"openAPIV3Schema": schema}}
    return {
        "kind": "CustomResourceDefinition",
        "spec": {"group": "books.example", "names": {"kind": "Shelf"}, "versions": [version]},
    }


def takes(schema: Json, value: object) -> bool:
    ((name, made),) = of_crd(crd({"type": "object", "properties": {"spec": schema}}))
    assert name == ("books.example", "v1", "Shelf")
    shelf = {"apiVersion": "books.example/v1", "kind": "Shelf", "metadata": {}, "spec": value}
    return bool(Draft202012Validator(made).is_valid(shelf))


def test_an_object_that_names_its_members_has_no_others() -> None:
    schema = {"type": "object", "properties": {"width": {"type": "integer"}}}
    assert takes(schema, {"width": 3})
    assert not takes(schema, {"width": 3, "depth": 1})


def test_a_member_may_be_called_like_a_word_of_the_schema() -> None:
    schema = {"type": "object", "properties": {"default": {"type": "string"}}}
    assert takes(schema, {"default": "left"})
    assert not takes(schema, {"default": 1})


def test_what_keeps_unknown_fields_stays_open() -> None:
    schema = {"type": "object", "properties": {}, "x-kubernetes-preserve-unknown-fields": True}
    assert takes(schema, {"anything": 1})


def test_a_map_takes_any_name() -> None:
    assert takes({"type": "object", "additionalProperties": {"type": "string"}}, {"a": "b"})


def test_a_number_or_a_text_may_be_either() -> None:
    schema = {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}]}
    assert takes(schema, 1)
    assert takes(schema, "1%")
    assert not takes(schema, [1])


def test_what_may_be_null_may_be_null() -> None:
    assert takes({"type": "string", "nullable": True}, None)
    assert not takes({"type": "string"}, None)


def test_a_kind_of_kubernetes_takes_what_it_refers_to_with_it() -> None:
    swagger = {
        "definitions": {
            "shelf": {
                "type": "object",
                "properties": {"board": {"$ref": "#/definitions/board"}},
                "x-kubernetes-group-version-kind": [
                    {"group": "", "version": "v1", "kind": "Shelf"}
                ],
            },
            "board": {"type": "object", "properties": {"length": {"type": "integer"}}},
            "unused": {"type": "string"},
        }
    }
    ((name, made),) = of_specification(swagger)
    assert name == ("v1", "v1", "Shelf")
    assert {*made["definitions"]} == {"shelf", "board"}
    validator = Draft202012Validator(made)
    assert validator.is_valid({"board": {"length": 2}})
    assert not validator.is_valid({"board": {"length": 2, "colour": "red"}})


def test_what_is_no_crd_has_no_schema() -> None:
    assert not [*of_crd({"kind": "ConfigMap"})]
