"""Things on a shelf: the tables that these tests make, and what they run on them."""

from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from tests.harness.databases import connect

from bookstore.kit.database import Instant, Json, Session, UuidText, among, big_key, prepare

TABLES = sa.MetaData()
SHELF = sa.Table("shelf", TABLES, sa.Column("id", big_key(), primary_key=True))
THING = sa.Table(
    "thing",
    TABLES,
    sa.Column("id", big_key(), primary_key=True),
    sa.Column("uid", UuidText, nullable=False, unique=True),
    sa.Column("name", sa.String(20), nullable=False, unique=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("tags", Json),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("shelf_id", sa.ForeignKey("shelf.id")),
    sa.UniqueConstraint("count", "shelf_id"),
    sa.CheckConstraint("count >= 0", name="thing_count"),
)
EXTRA = sa.Column("extra", Json)
REVISION = '''"""Things."""
from alembic import op
from tests.databases.things import EXTRA, {table}
revision = "{revision}"
down_revision = {down!r}
def upgrade():
    op.execute(__import__("sqlalchemy").schema.CreateTable({table}))
    {then}
'''
ADD = prepare(
    sa.insert(THING).values({c: sa.bindparam(c.name) for c in THING.c if c.name != "id"})
)
ALL = prepare(sa.select(THING).order_by(THING.c.name))
NAMED = prepare(sa.select(THING).where(among(THING.c.name, "names")).order_by(THING.c.name))
ONE_MORE = prepare(
    sa.update(THING)
    .where(THING.c.name == sa.bindparam("of"))
    .values({"count": THING.c["count"] + 1})
)
SUM = prepare(sa.select(sa.func.sum(THING.c["count"])))
WHO = prepare(sa.select(sa.func.connection_id()))
SLEEP = prepare(sa.select(sa.func.sleep(sa.bindparam("seconds"))))
SLEEP_OVER_EACH = prepare(
    sa.select(sa.func.sum(sa.func.sleep(sa.bindparam("seconds")))).select_from(THING)
)
NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)
COUNTS = count(1)


def same(session: Session) -> Session:
    return session


def add(name: str, session: Session) -> int:
    return session.run(ADD, **thing(name)).inserted_id


def thing(name: str, **more: Any) -> dict[str, Any]:
    values = {"uid": uuid4(), "name": name, "made_at": NOON, "tags": None, "shelf_id": None}
    return values | {"count": next(COUNTS)} | more


def names(session: Session) -> list[str]:
    return [row.name for row in session.run(ALL)]


def revise(migrations: Path, table: str, revision: str, down: str | None, then: str = "") -> None:
    (migrations / "versions").mkdir(exist_ok=True, parents=True)
    text = REVISION.format(table=table, revision=revision, down=down, then=then)
    (migrations / "versions" / f"{revision}_x.py").write_text(text)


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def column(url: str, statement: str) -> list[Any]:
    """Return the first column of what a statement finds, asked beside the software."""
    with closing(connect(name_of(url))) as other, other.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]
