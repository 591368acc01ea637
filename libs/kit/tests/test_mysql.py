"""What can be said of MariaDB and MySQL without one: tests/databases has the rest."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from socket import create_server
from typing import Any, cast
from uuid import UUID

import pymysql
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from bookstore.kit.database import (
    CheckViolation,
    DatabaseUnreachableError,
    DatabaseUrlError,
    ForeignKeyViolation,
    Session,
    UniqueViolation,
    UuidText,
    among,
    check_url,
    is_sqlite,
    prepare,
)
from bookstore.kit.database.mysql import connection, worker
from bookstore.kit.database.mysql.connection import DIALECT, Place
from bookstore.kit.database.mysql.database import or_else
from bookstore.kit.database.mysql.failures import (
    LostError,
    UnansweredError,
    translate,
)
from bookstore.kit.database.mysql.session import MysqlSession
from bookstore.kit.database.pool import Pool
from bookstore.kit.database.unit import through
from bookstore.kit.errors import (
    ContendedError,
    NotFoundError,
    OutcomeUnknownError,
    StorageFullError,
    UnavailableError,
)
from bookstore.kit.transaction import ResultT, Transact, at_once

THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("uid", UuidText, nullable=False),
    Column("name", String(20), nullable=False),
)
ONE = UUID("00000000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://user:hidden@/shop", "a server's is mysql://USER:PASSWORD@HOST:3306/NAME"),
        ("mysql://user:hidden@db", "a server's is mysql://"),
        ("mysql://user:hidden@db/shop?ssl=yes", "ssl is no option: there is ssl_ca=FILE"),
        (
            "mysql://user:hidden@db/shop?ssl_cert=c&ssl_key=k",
            "go together, and not without ssl_ca",
        ),
        ("mysql://user:hidden@db/shop?ssl_ca=c&ssl_key=k", "go together, and not without ssl_ca"),
        ("oracle://user:hidden@db/shop", "oracle is not supported"),
    ],
)
def test_a_url_that_leads_nowhere_is_told_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        check_url(url)

    assert sentence in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_url_says_where_the_database_is() -> None:
    place = Place.of(check_url("mysql://shop:p%40ss@db:3307/orders?ssl_ca=/tls/ca.pem"))

    assert place == Place("db", 3307, "orders", "shop", "p@ss", "/tls/ca.pem")
    assert str(place) == "orders at db:3307"
    assert "p@ss" not in repr(place)
    tls = Place.of(check_url("mysql://shop@db/orders?ssl_ca=a&ssl_cert=c&ssl_key=k"))
    assert (tls.certificates, tls.certificate, tls.key) == ("a", "c", "k")
    assert Place.of(check_url("mariadb://shop@db/orders")).port == 3306
    assert is_sqlite("sqlite://")
    assert not is_sqlite("mysql://shop@db/orders")


def test_a_server_that_accepts_and_never_greets_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 0.1)
    with create_server(("127.0.0.1", 0)) as silent:
        place = Place("127.0.0.1", silent.getsockname()[1], "shop", "root", "")
        begun = time.monotonic()

        with pytest.raises(pymysql.OperationalError, match="timed out"):
            place.open()
        with pytest.raises(DatabaseUnreachableError, match="timed out"):
            place.open_to_migrate()

    assert time.monotonic() - begun < connection.ANSWER_TIMEOUT / 2


def test_certificates_that_are_not_there_make_no_connection(tmp_path: Path) -> None:
    place = Place("127.0.0.1", 1, "shop", "root", "", str(tmp_path / "none.pem"))

    with pytest.raises(DatabaseUnreachableError, match=r"no TLS: .*No such file"):
        place.open_to_migrate()


def test_a_list_is_written_into_the_statement() -> None:
    form = prepare(select(THING.c.id).where(among(THING.c.uid, "uids"))).form(DIALECT)

    assert form.sql.endswith("WHERE thing.uid IN %s")
    assert form.bind({"uids": [ONE]}) == [(str(ONE),)]
    assert form.bind({"uids": []}) == [(None,)], "nothing is among none"


def test_a_percent_sign_is_not_a_parameter() -> None:
    form = prepare(select(THING.c.id).where(THING.c.name.like("a%"))).form(DIALECT)

    assert form.bind({}) == ["a%"]
    assert form.sql.endswith("LIKE %s")


@pytest.mark.parametrize(
    ("number", "text", "kind", "columns"),
    [
        (1062, "Duplicate entry 'it''s' for key 'isbn'", UniqueViolation, "book.isbn"),
        (1062, "Duplicate entry 'a.b' for key 'book.isbn'", UniqueViolation, "book.isbn"),
        (4025, "CONSTRAINT `balance` failed for `shop`.`payment`", CheckViolation, "balance"),
        (3819, "Check constraint 'balance' is violated.", CheckViolation, "balance"),
        (1452, "Cannot add or update a child row", ForeignKeyViolation, ""),
        (1451, "Cannot delete or update a parent row", ForeignKeyViolation, ""),
    ],
)
def test_a_violation_is_told_as_sqlite_tells_it(
    number: int, text: str, kind: type[UniqueViolation], columns: str
) -> None:
    word = translate(pymysql.IntegrityError(number, text), lambda key: f"book.{key}")

    assert type(word) is kind
    assert word.columns == columns


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [
        (1213, "Deadlock found when trying to get lock", ContendedError),
        (1205, "Lock wait timeout exceeded", ContendedError),
        (1969, "Query execution was interrupted (max_statement_time exceeded)", UnansweredError),
        (3024, "Query execution was interrupted", UnansweredError),
        (2006, "MySQL server has gone away", LostError),
        (1927, "Connection was killed", LostError),
        (1021, "Disk full", StorageFullError),
        (1026, 'Error writing file (errno: 28 "No space left on device")', StorageFullError),
        (1290, "running with the --read-only option", UnavailableError),
    ],
)
def test_what_may_go_better_later_is_unavailable(
    number: int, text: str, kind: type[UnavailableError]
) -> None:
    assert type(translate(pymysql.OperationalError(number, text), str)) is kind


def test_a_defect_stays_what_it_is() -> None:
    error = pymysql.ProgrammingError(1064, "You have an error in your SQL syntax")

    assert translate(error, str) is error


class Line:
    """A connection that counts, and fails where a test says."""

    def __init__(self, lost_at: str = "", number: int = 2013) -> None:
        self.lost_at = lost_at
        self.number = number
        self.done: list[str] = []

    def cursor(self) -> None:
        return None

    def commit(self) -> None:
        self._do("commit")

    def rollback(self) -> None:
        self._do("rollback")

    def close(self) -> None:
        self._do("close")

    def _do(self, what: str) -> None:
        self.done.append(what)
        if what == self.lost_at:
            raise pymysql.OperationalError(self.number, "Lost connection")


class Exchange:
    """Gives a line to each who connects, and an error when there are none left."""

    def __init__(self, *lines: Line) -> None:
        self.lines = list(lines)

    def open(self, *, reading: bool = False) -> Line:
        assert not reading
        if not self.lines:
            raise pymysql.OperationalError(2003, "Can't connect")
        return self.lines.pop(0)


async def run(work: Callable[[Any], Any], *lines: Line) -> Any:
    pool = Pool("shop", "writer", 1)
    thread = worker.Worker(cast("Place", Exchange(*lines)), pool, 0, reading=False)
    thread.start()
    try:
        return await through(pool.ask, lambda session: session)(work)
    finally:
        pool.queue.put(None)
        await asyncio.to_thread(thread.join)


class Unit:
    """Work that goes wrong in these ways, one attempt after the other, and then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.attempts = 0

    def __call__(self, session: Session) -> str:
        self.attempts += 1
        if self.errors:
            error = self.errors.pop(0)
            if isinstance(session, MysqlSession) and isinstance(error, UnavailableError):
                session.broken = error
            raise error
        return "done"


@pytest.fixture(autouse=True)
def at_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_FIRST_PAUSE", 0.0)


async def test_a_unit_that_met_a_deadlock_is_run_again() -> None:
    line, unit = Line(), Unit(ContendedError("busy"), ContendedError("busy"))

    assert await run(unit, line) == "done"
    assert line.done == ["rollback", "rollback", "commit", "close"]


async def test_a_unit_that_never_gets_through_is_given_up() -> None:
    line, unit = Line(), Unit(*[ContendedError("busy")] * 99)

    with pytest.raises(ContendedError):
        await run(unit, line)
    assert unit.attempts == worker.ATTEMPTS
    assert "commit" not in line.done


async def test_a_unit_that_lost_its_connection_before_the_commit_is_run_again_on_another() -> None:
    first, second = Line("rollback"), Line()

    assert await run(Unit(LostError("gone")), first, second) == "done"
    assert (first.done, second.done) == (["rollback", "close"], ["commit", "close"])


async def test_a_unit_is_run_again_once_for_a_lost_connection() -> None:
    unit = Unit(LostError("gone"), LostError("gone"), LostError("gone"))

    with pytest.raises(LostError):
        await run(unit, Line("rollback"), Line("rollback"), Line("rollback"))
    assert unit.attempts == 2


async def test_nobody_runs_again_what_may_have_been_committed() -> None:
    unit = Unit()

    with pytest.raises(OutcomeUnknownError) as raised:
        await run(unit, Line("commit"), Line())
    assert (unit.attempts, raised.value.kind, raised.value.code) == (
        1,
        "unavailable",
        "outcome-unknown",
    )


async def test_a_commit_that_ends_a_deadlock_was_not_done() -> None:
    unit = Unit()

    assert await run(unit, Line("commit", number=1213), Line()) == "done"
    assert unit.attempts == 2


async def test_a_unit_that_swallows_its_failure_is_not_committed_in_part() -> None:
    line, inner = Line(), Unit(UnansweredError("slow"))

    def swallow(session: Session) -> str:
        try:
            return inner(session)
        except UnavailableError:
            return "as if nothing had happened"

    with pytest.raises(UnansweredError):
        await run(swallow, line)
    assert line.done == ["rollback", "close"]


async def test_a_violation_that_nobody_expected_is_seen_by_a_second_run() -> None:
    unit = Unit(UniqueViolation("idempotency.owner"))

    assert await run(unit, Line()) == "done"


async def test_a_violation_of_our_own_making_is_told() -> None:
    unit = Unit(UniqueViolation("a.b"), UniqueViolation("a.b"))

    with pytest.raises(UniqueViolation):
        await run(unit, Line())
    assert unit.attempts == 2


async def test_a_refusal_of_the_domain_is_told_at_once() -> None:
    line, unit = Line(), Unit(NotFoundError("no such book"))

    with pytest.raises(NotFoundError):
        await run(unit, line)
    assert (unit.attempts, line.done) == (1, ["rollback", "close"])


async def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(UnavailableError, match="cannot be reached"):
        await run(Unit())


async def test_a_defect_on_the_way_is_told_and_harms_no_later_unit() -> None:
    class Broken(Line):
        def commit(self) -> None:
            raise LookupError("a defect of the driver")

    pool = Pool("shop", "writer", 1)
    thread = worker.Worker(cast("Place", Exchange(Broken(), Line())), pool, 0, reading=False)
    thread.start()
    transact = through(pool.ask, lambda session: session)
    with pytest.raises(LookupError):
        await transact(lambda _session: "lost")

    assert await transact(lambda _session: "kept") == "kept"
    pool.queue.put(None)
    await asyncio.to_thread(thread.join)


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    pool = Pool("shop", "writer", 1)
    unit = Unit()
    asyncio.ensure_future(through(pool.ask, lambda session: session)(unit)).cancel()
    thread = worker.Worker(cast("Place", Exchange(Line())), pool, 0, reading=False)
    pool.queue.put(None)
    thread.start()
    await asyncio.to_thread(thread.join)

    assert unit.attempts == 0


def shelf(*books: str) -> Transact[list[str]]:
    return at_once(list(books))


def first(books: list[str]) -> str | None:
    return books[0] if books else None


def named(books: list[str]) -> str:
    if not books:
        raise NotFoundError("no such book")
    return books[0]


async def test_what_a_replica_does_not_have_is_asked_of_the_primary() -> None:
    assert await or_else(shelf("copy"), shelf("original"))(first) == "copy"
    assert await or_else(shelf(), shelf("original"))(first) == "original"
    assert await or_else(shelf(), shelf("original"))(named) == "original"
    with pytest.raises(NotFoundError):
        await or_else(shelf(), shelf())(named)


async def test_a_replica_that_is_away_is_replaced_by_the_primary() -> None:
    async def away(work: Callable[[list[str]], ResultT]) -> ResultT:
        raise UnavailableError(f"the replica cannot be reached for {work}")

    assert await or_else(away, shelf("original"))(first) == "original"
