"""Being alone on a server, and reading all of it, without one: tests/databases has the rest."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import pymysql
import pytest

from bookstore.kit.database import DatabaseUnreachableError, NewerDataError
from bookstore.kit.database.mysql import Column, Place, Table, hold, snapshots
from bookstore.kit.database.mysql.hold import alone

Rows = Sequence[tuple[Any, ...]]
LOST = pymysql.OperationalError(2013, "Lost connection")


@dataclass
class Line:
    """A connection that has an answer to each question, in their order."""

    answers: deque[Rows | Exception]
    asked: list[str] = field(default_factory=list)
    open: bool = True
    found: Rows = ()

    def cursor(self, _kind: object = None) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, question: str, _values: object = None) -> None:
        self.asked.append(" ".join(question.split()))
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        self.found = answer

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self.found), None)

    def fetchall(self) -> Rows:
        return self.found

    def fetchall_unbuffered(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.found)

    def query(self, _statement: str) -> None:
        pass

    def rollback(self) -> None:
        pass

    def close(self) -> None:
        self.open = False


class Shop(Place):
    """Where a line waits for each who connects."""

    def __init__(self, *lines: Line | Exception) -> None:
        super().__init__("db", 3306, "shop", "root", "")
        object.__setattr__(self, "lines", deque(lines))

    def open(self, *, reading: bool = False) -> Any:
        assert reading
        return self.open_to_look()

    def open_to_look(self) -> Any:
        lines = cast("deque[Line | Exception]", self.__dict__["lines"])
        line = lines.popleft()
        if isinstance(line, Exception):
            raise line
        return line


def line(*answers: Rows | Exception) -> Line:
    return Line(deque(answers))


YES, NO = [(1,)], [(0,)]


@pytest.fixture(autouse=True)
def at_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "_TRY_AGAIN_S", 0.0)
    monkeypatch.setattr(hold, "PULSE_S", 0.0)


async def test_a_lock_is_asked_for_until_it_is_ours_and_its_loss_is_noticed() -> None:
    first, second = line(NO, LOST), line(NO, YES, YES, YES, NO)

    async with asyncio.timeout(10), alone(Shop(LOST, first, second), "sagas") as held:
        assert (first.open, second.open, held.is_shared) == (False, True, True)
        await held.lost()

    assert second.asked[1:] == [hold._TAKE, *[hold._OURS] * 3]  # noqa: SLF001 — said once
    assert not second.open


async def test_a_lock_of_whose_connection_nothing_is_heard_is_lost() -> None:
    async with asyncio.timeout(10), alone(Shop(line(YES, LOST)), "sagas") as held:
        await held.lost()


def test_all_of_a_database_is_read_with_instants_as_numbers() -> None:
    shop = line(
        [],
        [("thing", "name", "made_at"), ("thing", "name", "id"), ("thing", "primary", "id")],
        [("thing", "id", "bigint"), ("thing", "made_at", "datetime")],
        [(1, 2)],
    )

    with snapshots({"shop": Shop(shop)}) as opened:
        opened["shop"].begin()
        (table,) = opened["shop"].tables()
        rows = list(opened["shop"].rows(table))

    assert table == Table(
        "thing",
        [Column("id", "bigint"), Column("made_at", "datetime")],
        [["made_at", "id"], ["id"]],
    )
    assert rows == [(1, 2)]
    assert shop.asked[0] == "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
    assert shop.asked[-1] == (
        "SELECT `id`, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', `made_at`) FROM `thing`"
    )
    assert not shop.open


def test_a_database_is_ours_to_read_if_it_is_not_newer(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions/0001_things.py").touch()
    no_table = pymysql.ProgrammingError(1146, "no such table")
    shop = line([("0001",)], [("0002",)], no_table, LOST)

    with snapshots({"shop": Shop(shop)}) as opened:
        opened["shop"].check_version(tmp_path)
        with pytest.raises(NewerDataError):
            opened["shop"].check_version(tmp_path)
        with pytest.raises(DatabaseUnreachableError, match="holds nothing of ours yet"):
            opened["shop"].check_version(tmp_path)
        with pytest.raises(DatabaseUnreachableError, match="cannot be read: Lost connection"):
            opened["shop"].check_version(tmp_path)
