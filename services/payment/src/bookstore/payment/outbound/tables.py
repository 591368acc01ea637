"""The tables of payment; migrations/versions creates them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

from bookstore.kit.database import Instant, UuidText
from bookstore.kit.idempotency import idempotency_table
from bookstore.saga.sql_inbox import inbox_table

TABLES = MetaData()

PAYMENT = Table(
    "payment",
    TABLES,
    Column("id", UuidText, primary_key=True),
    Column("order_id", UuidText, nullable=False, unique=True),
    Column("user_id", UuidText, nullable=False),
    Column("network_key", String(160), nullable=False),
    Column("payment_type", String(16), nullable=False),
    Column("card_token", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured_amount", BigInteger, nullable=False),
    Column("refunded_amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(64)),
    Column("payment_date", Instant),
    Column("deadline", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("released_at", Instant),
    Column("settled_amount", BigInteger, nullable=False, server_default="0"),
    CheckConstraint(
        "0 <= settled_amount AND refunded_amount + settled_amount <= captured_amount",
        name="payment_settled",
    ),
    CheckConstraint(
        "0 <= refunded_amount AND refunded_amount <= captured_amount"
        " AND captured_amount <= amount",
        name="payment_balance",
    ),
    Index("payment_created", "created_at", "id"),
    Index("payment_user", "user_id", "created_at", "id"),
    Index("payment_status", "status", "created_at"),
)

REFUND = Table(
    "refund",
    TABLES,
    Column("id", UuidText, primary_key=True),
    Column("payment_id", ForeignKey(PAYMENT.c.id), nullable=False),
    Column("network_key", String(160), nullable=False, unique=True),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(500)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount > 0", name="refund_amount"),
    Index("refund_payment", "payment_id", "status"),
    Index("refund_status", "status", "created_at"),
)

EVENT = Table(
    "webhook_event",
    TABLES,
    Column("event_id", String(255), primary_key=True),
    Column("payment_id", ForeignKey(PAYMENT.c.id), nullable=False),
    Column("received_at", Instant, nullable=False),
)

IDEMPOTENCY = idempotency_table(TABLES)
INBOX = inbox_table(TABLES)
