"""The tables of the embedded engine, in the database of those who ask for sagas.

`saga` has a row per saga, `saga_event` is only ever added to, and `saga_engine` has one row:
the epoch of the engine that may write.
"""

from types import ModuleType

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from bookstore.kit.database import Instant, Json

TABLES = MetaData()

SAGA = Table(
    "saga",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("input", Json, nullable=False),
    Column("traceparent", String(64)),
    Column("deadline", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("saga_subject", "subject", "created_at"),
    Index("saga_state", "state", "created_at"),
)

EVENT = Table(
    "saga_event",
    TABLES,
    Column("saga_id", String(64), ForeignKey("saga.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("step", String(64), nullable=False),
    Column("kind", String(4), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("detail", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due", Instant),
    sqlite_with_rowid=False,
)

ENGINE = Table(
    "saga_engine",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
)


def saga_tables(tables: MetaData) -> None:
    """Describe the engine's tables among those of a service."""
    for table in TABLES.sorted_tables:
        table.to_metadata(tables)


def create_saga(op: ModuleType) -> None:
    """Create `saga`, in a revision of its own; `op` is Alembic's."""
    op.execute(CreateTable(SAGA))
    for index in sorted(SAGA.indexes, key=lambda index: str(index.name)):
        op.execute(CreateIndex(index))


def create_saga_event(op: ModuleType) -> None:
    """Create `saga_event`, after `saga`."""
    op.execute(CreateTable(EVENT))


def create_saga_engine(op: ModuleType) -> None:
    """Create `saga_engine`."""
    op.execute(CreateTable(ENGINE))
