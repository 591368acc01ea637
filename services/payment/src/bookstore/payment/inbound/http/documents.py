"""Payments and refunds as the documents of the contract; and no card numbers."""

from bookstore.contracts.openapi import payment as api
from bookstore.kit.cards import holds_card_number
from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.money import Money
from bookstore.payment.domain.payment import Payment
from bookstore.payment.domain.refund import Refund


class CardNumberRefusedError(InvalidError):
    """A card number has no place here: pay by a token; card numbers are never kept."""

    code = "card-number-refused"


def refuse_card_numbers(texts: dict[str, str | None]) -> None:
    """Raise CardNumberRefusedError if a card number stands in a text, named by its pointer."""
    wrong = [pointer for pointer, text in texts.items() if text and holds_card_number(text)]
    if wrong:
        message = "a card number does not belong here"
        fields = [
            FieldError(pointer=p, code=CardNumberRefusedError.code, message=message) for p in wrong
        ]
        raise CardNumberRefusedError(message, *fields)


def payment_document(payment: Payment) -> api.Payment:
    """Return what clients see of a payment."""
    return api.Payment(
        id=payment.id,
        order_id=payment.order_id,
        user_id=payment.user_id,
        payment_type=api.PaymentType(payment.payment_type),
        card_token=payment.card_token,
        status=api.PaymentStatus(payment.status),
        amount=money_document(payment.amount),
        captured_amount=money_document(payment.captured),
        refunded_amount=money_document(payment.refunded),
        reason=payment.reason,
        payment_date=payment.payment_date,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        version=payment.version,
    )


def refund_document(refund: Refund) -> api.Refund:
    """Return what clients see of a refund."""
    return api.Refund(
        id=refund.id,
        payment_id=refund.payment_id,
        amount=money_document(refund.amount),
        status=api.RefundStatus(refund.status),
        reason=refund.reason,
        created_at=refund.created_at,
        updated_at=refund.updated_at,
    )


def money_document(money: Money) -> api.Money:
    """Return an amount as clients see it."""
    return api.Money(amount=money.amount, currency=money.currency)
