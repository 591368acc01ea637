"""What a unit of work may rely on, on a real server."""

import asyncio
import threading
from functools import partial
from pathlib import Path
from uuid import uuid4

import pymysql
import pytest
import sqlalchemy as sa
from tests.databases.things import (
    ADD,
    NAMED,
    NOON,
    SHELF,
    SUM,
    THING,
    add,
    names,
    same,
    thing,
)
from tests.harness.databases import an_empty_database

from bookstore.kit.database import (
    CheckViolation,
    Database,
    ForeignKeyViolation,
    Session,
    UniqueViolation,
    open_database,
    prepare,
)


async def test_what_is_written_is_read_through_its_types(database: Database) -> None:
    uid = uuid4()
    write, read = database.transact(same), database.read(same)

    added = await write(
        lambda s: s.run(ADD, **thing("🦉 100 %", uid=uid, tags=["x", {"y": 1}], count=7))
    )
    row = (await read(lambda s: s.run(NAMED, names=["🦉 100 %", "other"]))).one()

    assert added.inserted_id == row.id == 1
    assert (row.uid, row.made_at, row.tags, row.name) == (uid, NOON, ["x", {"y": 1}], "🦉 100 %")
    assert (await read(lambda s: s.run(NAMED, names=[]))).rows == []
    total = await read(lambda s: s.run(SUM).scalar())
    assert (total, type(total)) == (7, int)


async def test_text_is_compared_by_its_code_points(database: Database) -> None:
    """As SQLite does: no case, accent or blank at the end is overlooked."""
    write = database.transact(same)
    apart = ["a", "A", "á", "a\u0301", "a ", "ß", "ss", "a\\", "a'", ""]

    assert await write(lambda s: s.run_many(ADD, [thing(name) for name in apart])) == len(apart)
    assert await write(names) == sorted(apart)


async def test_a_row_set_to_what_it_was_counts_as_changed(database: Database) -> None:
    await database.transact(same)(lambda s: s.run(ADD, **thing("a")))
    to_noon = prepare(sa.update(THING).values(made_at=sa.bindparam("now")))

    assert (await database.transact(same)(lambda s: s.run(to_noon, now=NOON))).rowcount == 1


async def test_violations_name_their_columns(database: Database) -> None:
    write = database.transact(same)
    add_shelf = prepare(sa.insert(SHELF).values(id=sa.bindparam("id")))
    await write(lambda s: (s.run(add_shelf, id=1), s.run(ADD, **thing("a", count=1, shelf_id=1))))

    with pytest.raises(UniqueViolation) as name:
        await write(lambda s: s.run(ADD, **thing("a")))
    with pytest.raises(UniqueViolation) as both:
        await write(lambda s: s.run(ADD, **thing("b", count=1, shelf_id=1)))
    with pytest.raises(UniqueViolation) as primary:
        await write(lambda s: s.run(add_shelf, id=1))
    with pytest.raises(CheckViolation) as check:
        await write(lambda s: s.run(ADD, **thing("c", count=-1)))
    with pytest.raises(ForeignKeyViolation):
        await write(lambda s: s.run(ADD, **thing("d", shelf_id=9)))
    with pytest.raises(ForeignKeyViolation):
        await write(lambda s: s.run(prepare(sa.delete(SHELF))))

    assert [raised.value.columns for raised in (name, both, primary, check)] == [
        "thing.name",
        "thing.count, thing.shelf_id",
        "shelf.id",
        "thing_count",
    ]


async def test_a_violation_undoes_its_statement_only(database: Database) -> None:
    def add_twice(session: Session) -> None:
        add("a", session)
        with pytest.raises(UniqueViolation):
            add("a", session)
        add("b", session)

    await database.transact(same)(add_twice)

    assert await database.read(same)(names) == ["a", "b"]


async def test_a_unit_that_raises_leaves_nothing(database: Database) -> None:
    def add_then_fail(session: Session) -> None:
        add("lost", session)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await database.transact(same)(add_then_fail)
    assert await database.read(same)(names) == []


async def test_a_read_sees_one_snapshot_and_changes_nothing(database: Database) -> None:
    write, read = database.transact(same), database.read(same)
    await write(partial(add, "a"))
    looked, written = threading.Event(), threading.Event()

    def look_twice(session: Session) -> tuple[list[str], list[str]]:
        before = names(session)
        looked.set()
        written.wait(5)
        return before, names(session)

    looking = read(look_twice)
    await asyncio.to_thread(looked.wait, 5)
    await write(partial(add, "b"))
    written.set()

    assert await looking == (["a"], ["a"])
    assert await read(names) == ["a", "b"]
    with pytest.raises(pymysql.OperationalError, match="READ ONLY"):
        await read(partial(add, "c"))


async def test_the_query_role_reads_from_the_replica(
    kind: str, url: str, migrations: Path
) -> None:
    with an_empty_database(kind) as copy:
        with open_database(copy, migrations) as behind:
            await behind.transact(same)(partial(add, "of the replica"))
        with open_database(url, migrations, replica=copy) as both:
            await both.transact(same)(partial(add, "of the primary"))

            assert await both.read(same)(names) == ["of the replica"]
            assert await both.glance(same)(names) == ["of the primary"]
            found = await both.read(same)(
                lambda s: s.run(NAMED, names=["of the primary"]).one_or_none()
            )
            assert found.name == "of the primary"
