"""Inventory's tables.

An index is written as UNIQUE (…, id), which is true and is made with the table: so each table
is one DDL statement, which MySQL can run again after a start that was cut short.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bookstore.kit.database import Instant, UuidText, big_key
from bookstore.kit.idempotency import idempotency_table
from bookstore.saga.sql_inbox import inbox_table

TABLES = MetaData()

WAREHOUSE = Table(
    "warehouse",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("folded_name", Text, nullable=False),  # what "contains" looks at
    Column("address", String(500)),
    Column("capacity", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice
)

STOCK = Table(
    "stock",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("book_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, ForeignKey("warehouse.id"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("book_id", "warehouse_id"),
    CheckConstraint("0 <= reserved AND reserved <= quantity", name="stock_figures"),
    UniqueConstraint("warehouse_id", "book_id"),
    sqlite_autoincrement=True,
)

RESERVATION = Table(
    "reservation",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("order_id", UuidText, nullable=False),
    Column("stock_id", BigInteger, nullable=False),
    Column("book_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("quantity > 0", name="reservation_quantity"),
    UniqueConstraint("order_id", "id"),
    UniqueConstraint("book_id", "id"),
)

MOVEMENT = Table(
    "movement",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("stock_id", BigInteger, nullable=False),
    Column("book_id", BigInteger, nullable=False),
    Column("warehouse_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("quantity_after", BigInteger, nullable=False),
    Column("reserved_after", BigInteger, nullable=False),
    Column("order_id", UuidText),
    Column("reason", String(500)),
    Column("created_by", UuidText),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("stock_id", "id"),
    UniqueConstraint("order_id", "id"),
)

SHORTAGE = Table(
    "shortage",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("order_id", UuidText, nullable=False),
    Column("book_id", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("available", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("order_id", "id"),
)

IDEMPOTENCY = idempotency_table(TABLES)
INBOX = inbox_table(TABLES)
