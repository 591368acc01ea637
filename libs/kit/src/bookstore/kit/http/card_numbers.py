"""Card numbers at the edge: refused in every text of a document, whatever it is about.

Where one pays they are refused in every header, too. The headers left out hold what machines
made, credentials and decimal trace ids, and are kept nowhere beside an order. A telephone number
may look like a card's, and has its own form; it is let be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bookstore.kit.cards import CardNumberError, holds_card_number
from bookstore.kit.http.operation import Operation

_PHONE: Final = "phone"
_KEPT: Final = b"idempotency-key"
_MADE_BY_MACHINES: Final = frozenset(
    {
        b"authorization",
        b"proxy-authorization",
        b"traceparent",
        b"tracestate",
        b"x-cloud-trace-context",
        b"x-datadog-parent-id",
        b"x-datadog-trace-id",
    }
)


def refusing_card_numbers(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations, each of which refuses card numbers in headers, too."""
    return [replace(operation, heeds_headers=True) for operation in operations]


def kept(headers: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    """Return the headers that are written down, whatever is asked for."""
    return {_KEPT: headers[_KEPT]} if _KEPT in headers else {}


def check_headers(headers: Mapping[bytes, bytes]) -> None:
    """Raise CardNumberError if a header holds a card number, whatever it is for."""
    found = [
        name.decode("latin-1").title()
        for name, value in headers.items()
        if name not in _MADE_BY_MACHINES
        if holds_card_number(_text(value)) or holds_card_number(_text(name))
    ]
    if found:
        raise CardNumberError(*found)


def check_document(parsed: object) -> None:
    """Raise CardNumberError if a text or a name in parsed JSON holds a card number."""
    found = list(_pointers(parsed, ""))
    if found:
        raise CardNumberError(*found)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _pointers(value: object, pointer: str) -> Iterator[str]:
    match value:
        case str() if holds_card_number(value):
            yield pointer
        case dict():
            for name, member in value.items():
                here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
                if holds_card_number(name):
                    yield here
                if name != _PHONE:
                    yield from _pointers(member, here)
        case list():
            for index, item in enumerate(value):
                yield from _pointers(item, f"{pointer}/{index}")
