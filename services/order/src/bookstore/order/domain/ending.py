"""How a purchase ends: confirmed, or one of a few ways in which it comes to nothing.

The ending is decided once, by the saga, and kept with the idempotency key: everybody who asks
with that key is told the same, whatever becomes of the order later. The errors here are what
the customer is told; they are looked up by their code.

OrderFailedError
├── CardDeclinedError            402
├── PaymentUnavailableError
├── OutOfStockError
└── OrderCancelledError
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bookstore.kit.errors import ConflictError, FieldError
from bookstore.order.domain.order import Order
from bookstore.saga.task import UNKNOWN

_NO_ANSWERS = frozenset({"undone", "superseded", "malformed-task"})


class OrderFailedError(ConflictError):
    """The order came to nothing, and nothing was paid."""

    code = "order-failed"
    sentence: ClassVar[str] = "The order came to nothing, and nothing was paid."


class CardDeclinedError(OrderFailedError):
    """The card was declined. That is final for this key: use another one to try again."""

    code = "card-declined"
    sentence = "The card was declined; nothing was paid."


class PaymentUnavailableError(OrderFailedError):
    """The card network could not say whether it pays; what it may hold is set free."""

    code = "payment-unavailable"
    sentence = "The card network gave no answer; nothing was paid, and nothing is held."


class OutOfStockError(OrderFailedError):
    """There are not as many copies as were ordered; `errors` says of which, and how many are."""

    code = "out-of-stock"
    sentence = "There are not enough copies of a book; nothing was paid."


class OrderCancelledError(OrderFailedError):
    """The order was cancelled before it could be confirmed."""

    code = "order-cancelled"
    sentence = "The order was cancelled; nothing was paid."


FAILURES: Mapping[str, type[OrderFailedError]] = {
    kind.code: kind
    for kind in (CardDeclinedError, PaymentUnavailableError, OutOfStockError, OrderCancelledError)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The final answer to a purchase: the order as it then stood, and why if it failed.

    `code` is None if the order was confirmed, else one of FAILURES.
    """

    order: Order
    code: str | None = None
    fields: tuple[FieldError, ...] = ()

    @property
    def sentence(self) -> str:
        """Why it failed, for the customer; a declined card is told as the network told it."""
        if self.code == CardDeclinedError.code and self.fields:
            return self.fields[0].message
        return FAILURES[self.code].sentence if self.code else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What turned a saga round: the step that failed, its code and reason, and its figures."""

    step: str = ""
    code: str = ""
    reason: str = ""
    fields: tuple[Mapping[str, Any], ...] = ()

    @property
    def ending(self) -> str:
        """Which of FAILURES the customer meets."""
        if self.step == "make_payment" and self.code not in _NO_ANSWERS:
            unknown = self.code == UNKNOWN
            return PaymentUnavailableError.code if unknown else CardDeclinedError.code
        if self.step == "reserve_inventory" and self.code == OutOfStockError.code:
            return OutOfStockError.code
        return OrderCancelledError.code


def failed(order: Order, cause: Cause) -> Ending:
    """Say how the purchase ended, in terms of what the customer sent."""
    code = cause.ending
    if code == OutOfStockError.code:
        return Ending(order=order, code=code, fields=tuple(_short(order, cause.fields)))
    if code == CardDeclinedError.code:
        field = FieldError(
            pointer="/payment_method/token", code=cause.code, message=_declined(cause)
        )
        return Ending(order=order, code=code, fields=(field,))
    return Ending(order=order, code=code)


def _declined(cause: Cause) -> str:
    """Say why the card was declined: payment's words for that are meant for customers."""
    if cause.code != CardDeclinedError.code or not cause.reason:
        return CardDeclinedError.sentence
    return f"{cause.reason[0].upper()}{cause.reason[1:]}; nothing was paid."


def _short(order: Order, fields: Iterable[Mapping[str, Any]]) -> Iterable[FieldError]:
    """Point at the customer's own lines: the saga's have been merged."""
    for field in fields:
        line = order.lines[int(str(field["pointer"]).split("/")[2])]
        available = int(field["available"])
        yield FieldError(
            pointer=f"/order_items/{line.index}",
            code=OutOfStockError.code,
            message=f"“{line.title}”: {line.quantity} were ordered, {available} are there",
            available=available,
        )
