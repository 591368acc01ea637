"""How a failure looks: problem documents (RFC 9457), made from the error tree in one place."""

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import Raw, Struct

from bookstore.kit.cards import mask_card_numbers
from bookstore.kit.errors import (
    BookstoreError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
    VersionMismatchError,
    VersionRequiredError,
)
from bookstore.kit.http.failures import (
    HeadTooLargeError,
    HeadTooSlowError,
    IdempotencyKeyInvalidError,
    IdempotencyKeyRequiredError,
    MalformedError,
    MethodNotAllowedError,
    TooLargeError,
    TooSlowError,
    UnsupportedTypeError,
)
from bookstore.kit.http.operation import Reply
from bookstore.kit.money import Money

CONTENT_TYPE: Final = "application/problem+json"

STATUS: Final = {
    BookstoreError.kind: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidError.kind: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFoundError.kind: HTTPStatus.NOT_FOUND,
    ConflictError.kind: HTTPStatus.CONFLICT,
    ForbiddenError.kind: HTTPStatus.FORBIDDEN,
    UnavailableError.kind: HTTPStatus.SERVICE_UNAVAILABLE,
    UnauthenticatedError.kind: HTTPStatus.UNAUTHORIZED,
    ThrottledError.kind: HTTPStatus.TOO_MANY_REQUESTS,
}
# Codes for which HTTP has a better word than for their kind.
STATUS_BY_CODE: Final = {
    MalformedError.code: HTTPStatus.BAD_REQUEST,
    IdempotencyKeyRequiredError.code: HTTPStatus.BAD_REQUEST,
    IdempotencyKeyInvalidError.code: HTTPStatus.BAD_REQUEST,
    "card-declined": HTTPStatus.PAYMENT_REQUIRED,
    MethodNotAllowedError.code: HTTPStatus.METHOD_NOT_ALLOWED,
    TooSlowError.code: HTTPStatus.REQUEST_TIMEOUT,
    HeadTooSlowError.code: HTTPStatus.REQUEST_TIMEOUT,
    HeadTooLargeError.code: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    VersionMismatchError.code: HTTPStatus.PRECONDITION_FAILED,
    TooLargeError.code: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedTypeError.code: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    VersionRequiredError.code: HTTPStatus.PRECONDITION_REQUIRED,
}


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was not fulfilled, as in api/openapi/common.json."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    instance: str | None = None
    errors: Sequence[FieldError] = ()
    total: Money | None = None


def status_of(error: BookstoreError | type[BookstoreError]) -> HTTPStatus:
    """Return the status that says it best."""
    return STATUS_BY_CODE.get(error.code) or STATUS[error.kind]


def problem_reply(
    error: BookstoreError,
    *,
    trace_id: str,
    instance: str | None = None,
    total: Money | None = None,
) -> Reply[None]:
    """Return the answer that explains the error: the same bytes for the same arguments.

    `instance` is the path of the thing it is about, which is also its Location; `total` is what
    an order costs now. An error may carry both itself, as attributes of these names, and the
    `challenge` of a 401 that a token does not help. No card number is echoed.
    """
    status = status_of(error)
    instance = instance or getattr(error, "instance", None)
    problem = Problem(
        type=f"/docs/errors#{error.code}",
        title=status.phrase,
        status=status.value,
        detail=mask_card_numbers(error.detail),
        code=error.code,
        trace_id=trace_id,
        instance=instance,
        errors=[_masked(field) for field in error.fields],
        total=total or getattr(error, "total", None),
    )
    headers = {"content-type": CONTENT_TYPE, "cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = getattr(error, "challenge", UnauthenticatedError.challenge)
    if isinstance(error, MethodNotAllowedError):
        headers["allow"] = error.allow
    if isinstance(error, TooLargeError | TooSlowError) or error.code == "draining":
        headers["connection"] = "close"
    return Reply(status, Raw(msgspec.json.encode(problem)), instance, headers=headers)


def _masked(field: FieldError) -> FieldError:
    pointer, message = mask_card_numbers(field.pointer), mask_card_numbers(field.message)
    if (pointer, message) == (field.pointer, field.message):
        return field
    return replace(field, pointer=pointer, message=message)
