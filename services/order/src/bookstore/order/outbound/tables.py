"""The tables of ordering; migrations/versions creates them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

from bookstore.kit.database import Instant, Json, UuidText, big_key
from bookstore.kit.idempotency import idempotency_table
from bookstore.saga.conductor.tables import lease_table
from bookstore.saga.sql_inbox import inbox_table
from bookstore.saga.tables import saga_tables

TABLES = MetaData()

ORDER = Table(
    "book_order",
    TABLES,
    Column("serial", big_key(), primary_key=True),
    Column("id", UuidText, nullable=False, unique=True),
    Column("number", String(32), unique=True),
    Column("user_id", UuidText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("reason", String(64)),
    Column("total", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("shipping_address", Json),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("total >= 0", name="book_order_total"),
    Index("book_order_user", "user_id", "created_at"),
    Index("book_order_created", "created_at"),
)

ITEM = Table(
    "book_order_item",
    TABLES,
    Column("order_serial", ForeignKey(ORDER.c.serial), nullable=False),
    Column("position", Integer, nullable=False),
    Column("book_id", BigInteger, nullable=False, index=True),
    Column("title", String(1000), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", BigInteger, nullable=False),
    Column("request_index", Integer, nullable=False),
    PrimaryKeyConstraint("order_serial", "position"),
    CheckConstraint("quantity >= 1", name="book_order_item_quantity"),
)

PURCHASE = Table(
    "purchase",
    TABLES,
    Column("user_id", UuidText, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("order_id", UuidText, nullable=False, unique=True),
    Column("trace_id", String(32), nullable=False),
    Column("ending", Json),
    Column("created_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "idempotency_key"),
)

IDEMPOTENCY = idempotency_table(TABLES)
INBOX = inbox_table(TABLES)
saga_tables(TABLES)
lease_table(TABLES)
