"""HTTP: from a request to a generated port and back.

Read `operation` (what is generated, what ports answer), `application` (the way of a request) and
`endpoint` (the order of the checks); then path, query, header, body and document (what is read),
conditional and prefer (what headers ask for), problem (how a failure looks).
"""

from bookstore.kit.http.application import Application, application
from bookstore.kit.http.card_numbers import refusing_card_numbers
from bookstore.kit.http.conditional import precondition
from bookstore.kit.http.failures import (
    IdempotencyKeyInvalidError,
    IdempotencyKeyRequiredError,
    MalformedError,
)
from bookstore.kit.http.operation import PUBLIC, Instant, Operation, Reply
from bookstore.kit.http.prefer import Preference, preference
from bookstore.kit.http.problem import problem_reply
from bookstore.kit.http.settings import HttpSettings

__all__ = [
    "PUBLIC",
    "Application",
    "HttpSettings",
    "IdempotencyKeyInvalidError",
    "IdempotencyKeyRequiredError",
    "Instant",
    "MalformedError",
    "Operation",
    "Preference",
    "Reply",
    "application",
    "precondition",
    "preference",
    "problem_reply",
    "refusing_card_numbers",
]
