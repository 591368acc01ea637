"""Purchases: what a customer ordered and how it was paid, as order and payment tell it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bookstore.kit.money import Money


class OrderStatus(StrEnum):
    """How far an order has come."""

    PENDING = "pending"
    PLACED = "placed"
    PAID = "paid"
    CONFIRMED = "confirmed"
    SHIPPING = "shipping"
    COMPLETED = "completed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    STARTED = "started"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """So many copies of a book, at the title and price it had when it was ordered."""

    book_id: int
    title: str
    quantity: int
    unit_price: Money
    line_total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an order goes."""

    name: str
    line1: str
    line2: str | None
    city: str
    region: str | None
    postal_code: str | None
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of a customer's."""

    id: UUID
    number: str | None
    user_id: UUID
    status: OrderStatus
    items: tuple[Item, ...]
    total_price: Money
    reason: str | None
    shipping_address: Address | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment of a customer's, told as the payment service tells it; the token is masked."""

    id: UUID
    order_id: UUID
    user_id: UUID
    card_token: str
    status: PaymentStatus
    amount: Money
    captured_amount: Money
    refunded_amount: Money
    settled_amount: Money
    reason: str | None
    payment_date: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
