"""What our templates need to know and mustache cannot work out, as vendor extensions.

Works on the copy of a bundled specification that the generator reads; what is published stays as
it was written. What cannot be generated safely is refused here with a sentence: an operation
that does not say who may ask for it, or how it may be refused; an optional property without a
value to fall back on.
"""

from collections.abc import Iterator
from typing import Any

from tools.contracts.process import GenerationError
from tools.contracts.refusals import missing

METHODS = ("get", "post", "put", "patch", "delete")
ROLES = ("system", "manage", "profile", "order", "view")
JSON = "application/json"


def annotate(document: dict[str, Any]) -> dict[str, Any]:
    """Add the extensions to a bundled specification and return it; raises GenerationError."""
    return _Annotator(document).annotated()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (method, path, operation) for each operation of a specification."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


class _Annotator:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})

    def annotated(self) -> dict[str, Any]:
        for method, path, operation in operations(self._document):
            where = f"{method.upper()} {path}"
            self._annotate_operation(where, method, operation, self._document["paths"][path])
        if "Uuid" in self._schemas:  # the generator knows them by their format
            self._schemas["Uuid"] = {"type": "string", "format": "uuid"}
        for name, schema in self._schemas.items():
            self._annotate_schema(name, schema)
        parameters = list(self._document["components"].get("parameters", {}).values())
        for item in self._document["paths"].values():
            parameters += item.get("parameters", [])
        for _, _, operation in operations(self._document):
            parameters += operation.get("parameters", [])
        for parameter in parameters:
            if "$ref" not in parameter:
                self._annotate_parameter(parameter)
        return self._document

    def _annotate_operation(
        self, where: str, method: str, operation: dict[str, Any], item: dict[str, Any]
    ) -> None:
        operation["x-doc"] = _sentence(operation["summary"])
        operation["x-allowed"] = self._allowed(where, operation)
        successes = {
            int(status): self._resolve(response)
            for status, response in operation["responses"].items()
            if status.startswith("2")
        }
        if not successes:
            raise GenerationError(f"{where}: no 2xx response")
        parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
        if silent := missing(method, operation, list(map(self._resolve, parameters))):
            raise GenerationError(f"{where}: may also be answered {', '.join(silent)}")
        operation["x-status"] = min(successes)
        operation["x-result"] = self._result(where, successes)
        if body := operation.pop("requestBody", None):
            operation["x-content-type"], operation["x-body"] = self._body(where, body, operation)
        operation["responses"] = {"200": {"description": "Said by x-result."}}

    def _allowed(self, where: str, operation: dict[str, Any]) -> str:
        """Return the roles in Python; deny by default, so none at all is no answer."""
        roles = operation.get("x-roles")
        if not roles or not isinstance(roles, list):
            raise GenerationError(f"{where}: x-roles must say who may ask for it")
        security = operation.get("security", self._document.get("security"))
        if roles == ["public"]:
            if security != []:
                raise GenerationError(f'{where}: is public, so it needs "security": []')
            return "PUBLIC"
        if unknown := [role for role in roles if role not in ROLES]:
            raise GenerationError(f"{where}: {unknown[0]!r} is no role, or not alone")
        if not security or {} in security:
            raise GenerationError(f"{where}: has roles, so it needs a security scheme")
        return f"(Role.{', Role.'.join(role.upper() for role in roles)},)"

    def _result(self, where: str, successes: dict[int, Any]) -> str:
        kinds = list(
            dict.fromkeys(self._content_type(where, response) for response in successes.values())
        )
        plain = len(successes) == 1 and "headers" not in next(iter(successes.values()))
        return kinds[0] if plain else f"Reply[{' | '.join(kinds)}]"

    def _content_type(self, where: str, response: dict[str, Any]) -> str:
        content = response.get("content")
        return self._python(where, content[JSON]["schema"]) if content else "None"

    def _body(
        self, where: str, body: dict[str, Any], operation: dict[str, Any]
    ) -> tuple[str, str]:
        ((content_type, media),) = self._resolve(body)["content"].items()
        if not body.get("required"):
            raise GenerationError(f"{where}: a body is required or there is none")
        if content_type == JSON:
            self._bound(where, media["schema"])
        if content_type != JSON or operation.get("x-raw-body"):
            return content_type, "bytes"
        return content_type, self._python(where, media["schema"])

    def _python(self, where: str, schema: dict[str, Any]) -> str:
        match schema:
            case {"$ref": str(reference)}:
                return reference.rpartition("/")[2]
            case {"type": "array", "items": {"$ref": str(reference)}}:
                return f"list[{reference.rpartition('/')[2]}]"
        raise GenerationError(f"{where}: give the schema a name in components")

    def _annotate_parameter(self, parameter: dict[str, Any]) -> None:
        name, schema = parameter["name"], parameter["schema"]
        parameter["x-field"] = name.removesuffix("[]").replace("-", "_").lower()
        default = None if parameter.get("required") else self._default(schema, "None")
        if name.endswith("[]"):
            parameter["x-default"] = (
                f'field({f"default={default}, " * (default is not None)}name="{name}")'
            )
        elif default is not None:
            parameter["x-default"] = default
        parameter["x-or-none"] = default == "None"
        self._mark_text(schema)

    def _bound(self, where: str, schema: dict[str, Any]) -> None:
        """Refuse what a request could make as large as it likes, and objects that are open."""
        kind = None if "allOf" in schema else schema.get("type")
        if kind == "object" and "properties" not in schema:
            raise GenerationError(f"{where}: an object says its properties")
        if kind == "string" and not schema.keys() & {"enum", "format", "maxLength"}:
            raise GenerationError(f"{where}: says how long it may be (maxLength)")
        if kind == "array":
            if "maxItems" not in schema:
                raise GenerationError(f"{where}: says how many it may hold (maxItems)")
            self._bound(f"{where}[]", schema["items"])
        for name, inner in schema.get("properties", {}).items():
            self._bound(f"{where}.{name}", inner)
        for reference in (schema, *schema.get("allOf", ())):
            if "$ref" in reference:
                name = reference["$ref"].rpartition("/")[2]
                self._bound(name, self._schemas[name])

    def _annotate_schema(self, name: str, schema: dict[str, Any]) -> None:
        if schema.get("type") == "object" or "enum" in schema:
            if "description" not in schema:
                raise GenerationError(f"{name}: say in its description what it is")
            schema["x-doc"] = _sentence(schema["description"])
        required = schema.get("required", ())
        for key, property_ in schema.get("properties", {}).items():
            where = f"{name}.{key}"
            if "$ref" in property_:
                reference = property_.pop("$ref")
                if key in required:
                    property_["$ref"] = reference
                    continue
                property_["allOf"] = [{"$ref": reference}]
            if "allOf" in property_:  # what it refers to says its type
                property_.pop("type", None)
            self._mark_text(property_)
            fallback = "None" if property_.get("nullable") else None
            if key not in required:
                default = self._default(property_, fallback)
                if default is None:
                    raise GenerationError(f"{where}: optional, so nullable or with a default")
                property_["x-default"] = default

    def _mark_text(self, schema: dict[str, Any]) -> None:
        if schema.get("format") == "password":
            schema["x-text"] = "kept"
        elif schema.get("x-verbatim"):
            schema["x-text"] = "verbatim"
        elif schema.get("x-multiline"):
            schema["x-text"] = "lines"
        if "items" in schema:
            self._mark_text(schema["items"])

    def _default(self, schema: dict[str, Any], fallback: str | None) -> str | None:
        """Return the default in Python, looked up through references."""
        target, kind = schema, None
        reference = schema.get("$ref") or next(
            (part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), None
        )
        if reference:
            kind = reference.rpartition("/")[2]
            target = {**self._schemas[kind], **schema}
        if target.get("default") is None:
            return fallback
        if kind and "enum" in target:
            return f"{kind}({target['default']!r})"
        return repr(target["default"])

    def _resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        _, *steps = node["$ref"].split("/")
        found: Any = self._document
        for step in steps:
            found = found[step]
        return self._resolve(found)


def _sentence(text: str) -> str:
    """Return the text as a docstring's line."""
    line = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return line if line.endswith((".", "!", "?")) else f"{line}."
