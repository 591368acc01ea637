"""Problem documents: the same error is told in the same way."""

import json

import pytest

from bookstore.kit.errors import (
    BookstoreError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StorageFullError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
    VersionMismatchError,
    VersionRequiredError,
)
from bookstore.kit.http import IdempotencyKeyRequiredError, MalformedError, problem_reply
from bookstore.kit.http.problem import status_of
from bookstore.kit.money import Money


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidError("x"), 422),
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (ConflictError("x", code="card-declined"), 402),
        (ForbiddenError("x"), 403),
        (UnauthenticatedError("x", code="invalid-credentials"), 401),
        (UnavailableError("x"), 503),
        (StorageFullError("x"), 503),
        (ThrottledError("x"), 429),
        (VersionMismatchError("x"), 412),
        (VersionRequiredError("x"), 428),
        (MalformedError("x"), 400),
        (IdempotencyKeyRequiredError(), 400),
        (BookstoreError("x"), 500),
    ],
)
def test_each_kind_has_its_status(error: BookstoreError, status: int) -> None:
    assert status_of(error) == status


def test_an_ending_is_told_in_the_same_bytes_each_time() -> None:
    line = FieldError(
        pointer="/order_items/0", code="out-of-stock", message="sold out", available=2
    )

    def tell() -> object:
        error = ConflictError("sold out", line, code="out-of-stock")
        return problem_reply(error, trace_id="t", instance="/orders/1", total=Money(5, "USD"))

    assert tell() == tell()
    reply = problem_reply(ConflictError("x", line), trace_id="t", total=Money(5, "USD"))
    document = json.loads(bytes(reply.body or b""))
    assert document["errors"] == [
        {
            "pointer": "/order_items/0",
            "code": "out-of-stock",
            "message": "sold out",
            "available": 2,
        }
    ]
    assert document["total"] == {"amount": 5, "currency": "USD"}


def test_a_challenge_may_be_another_than_a_token() -> None:
    class StampMissingError(UnauthenticatedError):
        challenge = "Stamp"

    asked = [
        problem_reply(error, trace_id="t").headers["www-authenticate"]
        for error in (UnauthenticatedError("x"), StampMissingError("x"))
    ]
    assert asked == ["Bearer", "Stamp"]


def test_a_card_number_in_a_message_is_not_told() -> None:
    field = FieldError(
        pointer="/type", code="enum", message="Invalid enum value '4111111111111111'"
    )
    reply = problem_reply(InvalidError("/type: '4111111111111111'", field), trace_id="t")
    assert b"4111" not in bytes(reply.body or b"")
