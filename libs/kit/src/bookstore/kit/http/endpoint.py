"""An operation, ready to be asked: the checks in their order, then the port.

404 route and 405 come before (router); here 401, 403, 404 malformed id, 422 card number in a
header, 415, 413, 400 Idempotency-Key, 400 body, 422; what follows is the port's: ownership 404,
428 and 412.
"""

from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from bookstore.kit.caller import Caller, current_caller
from bookstore.kit.deadline import within
from bookstore.kit.errors import NotFoundError
from bookstore.kit.http import lexical
from bookstore.kit.http.answer import Answer, answer
from bookstore.kit.http.asked import Asked, Proxies, patience_of
from bookstore.kit.http.body import check_type, read_body
from bookstore.kit.http.card_numbers import check_document, check_headers, kept
from bookstore.kit.http.document import DocumentReader, parse
from bookstore.kit.http.failures import RoleMissingError, TokenMissingError
from bookstore.kit.http.operation import PUBLIC, Operation
from bookstore.kit.http.parameters import CookieReader, HeaderReader, QueryReader

if TYPE_CHECKING:
    from bookstore.kit.auth import Authenticator

_READ_ID = {int: lexical.read_id, UUID: lexical.read_uuid}


class Endpoint(Protocol):
    """Answers one method at one path."""

    name: str

    async def __call__(self, asked: Asked, /) -> Answer: ...


class OperationEndpoint(Endpoint):
    """Answers an operation of a specification."""

    def __init__(
        self, operation: Operation, authenticator: "Authenticator", proxies: Proxies
    ) -> None:
        self.name = operation.name
        self._operation = operation
        self._handler = operation.handler
        self._status = operation.status
        self._authenticator = authenticator
        self._proxies = proxies
        self._is_public = operation.roles is PUBLIC
        self._roles = () if operation.roles is PUBLIC else operation.roles
        self._is_read = operation.method == "GET"
        self._ids = tuple(_READ_ID[kind] for kind in operation.ids)
        self._query = QueryReader(operation.query, lenient=self._is_public and self._is_read)
        self._header = HeaderReader(operation.header) if operation.header else None
        self._cookie = CookieReader(operation.cookie) if operation.cookie else None
        self._document = (
            DocumentReader(operation.body) if operation.body not in {None, bytes} else None
        )

    async def __call__(self, asked: Asked, /) -> Answer:
        caller = await self._caller(asked)
        current_caller.set(caller)  # what is asked of neighbours is asked for them
        arguments: list[Any] = [caller]
        if self._ids:
            arguments += self._read_ids(asked)
        await self._read(asked, arguments)
        with within(patience_of(asked.headers)):
            result = await self._handler(*arguments)
        seen = asked.headers.get(b"if-none-match") if self._is_read else None
        return answer(self._status, result, private=not self._is_public, seen=seen)

    async def _caller(self, asked: Asked) -> Caller:
        """Say who asks; raises UnauthenticatedError and RoleMissingError. Public is for all."""
        address = self._proxies.client(asked.scope, asked.headers)
        if self._is_public:
            return Caller(address=address, trace_id=asked.trace_id)
        scheme, _, token = asked.headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not token.strip():
            raise TokenMissingError
        caller = await self._authenticator.authenticate(token.strip().decode("latin-1"))
        if not caller.may(self._roles):
            raise RoleMissingError
        return Caller(
            id=caller.id,
            email=caller.email,
            roles=caller.roles,
            address=address,
            trace_id=asked.trace_id,
        )

    def _read_ids(self, asked: Asked) -> list[object]:
        try:
            return [read(text) for read, text in zip(self._ids, asked.values, strict=True)]
        except ValueError as error:
            raise NotFoundError("nothing has such an id") from error

    async def _read(self, asked: Asked, arguments: list[Any]) -> None:
        operation = self._operation
        raw = b""
        check_headers(asked.headers if operation.heeds_headers else kept(asked.headers))
        if operation.body:
            check_type(asked.headers, operation.content_type)
            raw = await read_body(asked.headers, asked.receive, operation.max_body)
        header = self._header.read(asked.headers) if self._header else None
        parsed = parse(raw) if self._document else None
        check_document(parsed)
        query = self._query.read(asked.scope["query_string"])
        if operation.query:
            arguments.append(query)
        if self._header:
            arguments.append(header)
        if self._cookie:
            arguments.append(self._cookie.read(asked.headers))
        if operation.body:
            arguments.append(self._document.read(parsed) if self._document else raw)
