import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Column, MetaData, String, Table, bindparam, insert, select, update

from bookstore.kit.database import (
    Database,
    Instant,
    Json,
    NewerDataError,
    Session,
    UniqueViolation,
    UuidText,
    among,
    big_key,
    open_database,
    prepare,
)

THING = Table(
    "thing",
    MetaData(),
    Column("id", big_key(), primary_key=True),
    Column("uid", UuidText, nullable=False),
    Column("name", String(20), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("tags", Json),
)
ADD = prepare(
    insert(THING).values(
        uid=bindparam("uid"),
        name=bindparam("name"),
        made_at=bindparam("made_at"),
        tags=bindparam("tags"),
    )
)
NAMED = prepare(select(THING).where(THING.c.name == bindparam("name")))
SOME = prepare(select(THING.c.name).where(among(THING.c.name, "names")).order_by(THING.c.name))
FIXED = prepare(
    select(THING.c.id)
    .where(THING.c.name.in_(["a", "b"]), THING.c.made_at <= bindparam("before"))
    .limit(bindparam("limit"))
)
RENAME = prepare(update(THING).where(THING.c.name == "a").values(name=bindparam("new")))
SCRIPT = """
from alembic import op
import sqlalchemy as sa
revision = "{revision}"
down_revision = {down}
def upgrade():
    {upgrade}
"""
CREATE = """op.create_table("thing", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(36)), sa.Column("name", sa.String(20), unique=True),
        sa.Column("made_at", sa.BigInteger), sa.Column("tags", sa.Text))"""
BOTH = ["a", "b"]
NOON = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)


def revise(migrations: Path, revision: str, down: str | None, upgrade: str) -> None:
    (migrations / "versions").mkdir(exist_ok=True, parents=True)
    file = migrations / "versions" / f"{revision}_x.py"
    file.write_text(SCRIPT.format(revision=revision, down=repr(down), upgrade=upgrade))


def same(session: Session) -> Session:
    return session


def add(name: str, session: Session) -> None:
    session.run(ADD, **named(name))


def named(name: str) -> dict[str, object]:
    return {"uid": uuid4(), "name": name, "made_at": NOON, "tags": None}


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    revise(tmp_path / "migrations", "0001", None, CREATE)
    return tmp_path / "migrations"


@pytest.fixture(params=["file", "memory"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrations: Path
) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/thing.db" if request.param == "file" else "sqlite://"
    with open_database(url, migrations) as database:
        yield database


async def test_what_is_written_is_read_through_its_types(database: Database) -> None:
    uid = uuid4()
    write, read = database.transact(same), database.read(same)

    added = await write(
        lambda s: s.run(ADD, uid=uid, name="a", made_at=NOON, tags=["x", {"y": 1}])
    )
    row = (await read(lambda s: s.run(NAMED, name="a"))).one()

    assert added.inserted_id == row.id == 1
    assert (row.uid, row.made_at, row.tags) == (uid, NOON, ["x", {"y": 1}])


async def test_one_parameter_holds_a_list(database: Database) -> None:
    write, read = database.transact(same), database.read(same)
    await write(lambda s: s.run_many(ADD, [named(name) for name in "abcd"]))

    assert [r.name for r in await read(lambda s: s.run(SOME, names=["d", "a", "z"]))] == ["a", "d"]
    assert len((await read(lambda s: s.run(FIXED, before=NOON, limit=9))).rows) == 2


async def test_a_unit_that_raises_leaves_nothing_and_harms_no_other(database: Database) -> None:
    write, read = database.transact(same), database.read(same)
    started = threading.Event()

    def add_then_fail(session: Session) -> None:
        session.run(ADD, **named("lost"))
        raise ValueError("on purpose")

    blocker = write(lambda _s: started.wait(5))
    waiting = [write(partial(add, name)) for name in "ab"]
    failing = write(add_then_fail)
    after = write(lambda s: s.run(ADD, **named("c")))
    started.set()

    done = await asyncio.gather(blocker, *waiting, failing, after, return_exceptions=True)
    assert isinstance(done[3], ValueError)
    assert [r.name for r in await read(lambda s: s.run(SOME, names=["a", "b", "c", "lost"]))] == [
        "a",
        "b",
        "c",
    ]


async def test_a_second_of_a_unique_value_is_told_by_its_column(database: Database) -> None:
    write = database.transact(same)
    await write(lambda s: s.run(ADD, **named("a")))

    with pytest.raises(UniqueViolation, match=r"thing\.name"):
        await write(lambda s: s.run(ADD, **named("a")))


async def test_a_constant_and_a_parameter_go_into_one_statement(database: Database) -> None:
    write = database.transact(same)
    await write(lambda s: s.run(ADD, **named("a")))

    assert (await write(lambda s: s.run(RENAME, new="z"))).rowcount == 1


async def test_a_group_whose_database_rolls_back_by_itself_is_run_again_one_by_one(
    database: Database,
) -> None:
    write, read = database.transact(same), database.read(same)
    started = threading.Event()

    def break_the_group(session: Session) -> None:
        session._connection.execute("ROLLBACK")  # noqa: SLF001 — as SQLite does when it must

    blocker = write(lambda _s: started.wait(5))
    kept = write(lambda s: s.run(ADD, **named("a")))
    broken = write(break_the_group)
    started.set()

    await asyncio.gather(blocker, kept, broken, return_exceptions=True)
    assert len((await read(lambda s: s.run(SOME, names=["a"]))).rows) == 1


@pytest.mark.parametrize("way", ["read", "glance"])
async def test_reading_changes_nothing(way: str, tmp_path: Path, migrations: Path) -> None:
    url = f"sqlite:///{tmp_path}/thing.db"
    refused = pytest.raises(sqlite3.OperationalError, match="readonly")
    with open_database(url, migrations) as database, refused:
        await getattr(database, way)(same)(lambda s: s.run(ADD, **named("a")))


async def test_a_glance_sees_what_is_committed_and_waits_for_no_thread(
    tmp_path: Path, migrations: Path
) -> None:
    with open_database(f"sqlite:///{tmp_path}/thing.db", migrations) as database:
        write, glance = database.transact(same), database.glance(same)
        await write(lambda s: s.run(ADD, **named("a")))
        going = threading.Event()

        def add_slowly(session: Session) -> None:
            add("b", session)
            going.wait(5)

        writing = write(add_slowly)
        looked = await glance(
            lambda s: (s.run(SOME, names=["a", "b"]).rows, threading.get_ident())
        )
        going.set()
        await writing

        assert [row.name for row in looked[0]] == ["a"]
        assert looked[1] == threading.get_ident()
        assert len((await glance(lambda s: s.run(SOME, names=BOTH))).rows) == 2


async def test_a_glance_that_fails_harms_no_later_one(database: Database) -> None:
    glance = database.glance(same)
    await database.transact(same)(lambda s: s.run(ADD, **named("a")))

    with pytest.raises(ZeroDivisionError):
        await glance(lambda _s: 1 / 0)
    assert (await glance(lambda s: s.run(NAMED, name="a"))).one().name == "a"


async def test_a_migration_that_fails_leaves_the_revision_before(
    tmp_path: Path, migrations: Path
) -> None:
    url = f"sqlite:///{tmp_path}/thing.db"
    bad = 'op.add_column("thing", sa.Column("extra", sa.Text)); raise ValueError("cut short")'
    revise(migrations, "0002", "0001", bad)
    with pytest.raises(ValueError, match="cut short"), open_database(url, migrations):
        pass

    revise(migrations, "0002", "0001", 'op.add_column("thing", sa.Column("extra", sa.Text))')
    with open_database(url, migrations) as database:
        await database.transact(same)(lambda s: s.run(ADD, **named("a")))


def test_data_of_a_newer_version_are_refused(tmp_path: Path, migrations: Path) -> None:
    url = f"sqlite:///{tmp_path}/thing.db"
    revise(migrations, "0002", "0001", "pass")
    with open_database(url, migrations):
        pass
    (migrations / "versions/0002_x.py").unlink()

    with pytest.raises(NewerDataError, match="0002"), open_database(url, migrations):
        pass
