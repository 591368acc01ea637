"""The table that sagas on Conductor need beside the embedded engine's: who looks after which."""

from types import ModuleType

from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.schema import CreateTable

from bookstore.kit.database import Instant

TABLES = MetaData()

LEASE = Table(
    "saga_lease",
    TABLES,
    Column("saga_id", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("held_until", Instant, nullable=False),
    Column("workflow_id", String(64)),
)


def lease_table(tables: MetaData) -> None:
    """Describe the table among those of a service."""
    LEASE.to_metadata(tables)


def create_saga_lease(op: ModuleType) -> None:
    """Create `saga_lease`, in a revision of its own; `op` is Alembic's."""
    op.execute(CreateTable(LEASE))
