"""The customers' tables.

An index is written as UNIQUE (…, id), which is true and is made with the table: so each table
is one DDL statement, which MySQL can run again after a start that was cut short.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, UniqueConstraint

from bookstore.kit.database import Instant, UuidText, big_key

TABLES = MetaData()

WISHLIST = Table(
    "wishlist",
    TABLES,
    Column("id", big_key(), primary_key=True),  # in the order of addition
    Column("customer_id", UuidText, nullable=False),
    Column("book_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("customer_id", "book_id"),
)

POINT = Table(
    "point",
    TABLES,
    Column("customer_id", UuidText, primary_key=True),
    Column("balance", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
)

POINT_ENTRY = Table(
    "point_entry",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("customer_id", UuidText, nullable=False),
    Column("difference", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("reason", String(500)),
    Column("created_by", UuidText),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("customer_id", "id"),
)
