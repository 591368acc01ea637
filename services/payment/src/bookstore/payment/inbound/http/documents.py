"""Payments and refunds as the documents of the contract."""

from bookstore.contracts.openapi import payment as api
from bookstore.kit.money import Money
from bookstore.payment.domain.payment import Payment
from bookstore.payment.domain.refund import Refund


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
        settled_amount=money_document(payment.settled),
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
