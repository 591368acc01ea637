"""The tables of the simulated card network; its own migrations create them."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String, Table

from bookstore.kit.database import Instant

TABLES = MetaData()

AUTHORISATION = Table(
    "network_authorisation",
    TABLES,
    Column("network_key", String(160), primary_key=True),
    Column("token", String(255), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("refunded_amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
)

REFUND = Table(
    "network_refund",
    TABLES,
    Column("refund_key", String(160), primary_key=True),
    Column("network_key", ForeignKey(AUTHORISATION.c.network_key), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

UNHEARD = Table(
    "network_unheard_call",
    TABLES,
    Column("network_key", String(160), primary_key=True),
    Column("created_at", Instant, nullable=False),
)
