from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.schema import CreateTable

from bookstore.kit.database import Session
from bookstore.kit.database.sqlite import connect
from bookstore.kit.errors import IdempotencyKeyReusedError
from bookstore.kit.idempotency import KEPT_FOR, SqlIdempotency, idempotency_table

TABLE = idempotency_table(MetaData())
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Counter:
    """An effect that counts how often it happened."""

    def __init__(self, session: Session) -> None:
        self.effects = 0
        self._keys = SqlIdempotency(TABLE)
        self._session = session

    def __call__(
        self, key: str | None, request: object = 1, owner: str = "me", now: datetime = NOON
    ) -> int:
        return self._keys.once(
            self._session,
            owner=owner,
            operation="count",
            key=key,
            request=request,
            now=now,
            effect=self._count,
            kind=int,
        )

    def _count(self) -> int:
        self.effects += 1
        return self.effects


@pytest.fixture
def count(tmp_path: Path) -> Iterator[Counter]:
    dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
    connection = connect(tmp_path / "keys.db")
    connection.execute(str(CreateTable(TABLE).compile(dialect=dialect)))
    yield Counter(Session(connection, dialect))
    connection.close()


def test_the_same_request_has_one_effect_and_one_answer(count: Counter) -> None:
    assert [count("k", {"a": 1, "b": 2}), count("k", {"b": 2, "a": 1})] == [1, 1]
    assert count.effects == 1


def test_another_request_with_the_key_is_refused(count: Counter) -> None:
    count("k", 1)

    with pytest.raises(IdempotencyKeyReusedError):
        count("k", 2)


def test_keys_belong_to_their_owner(count: Counter) -> None:
    assert [count("k", owner="me"), count("k", owner="you")] == [1, 2]


def test_without_a_key_it_is_done_each_time(count: Counter) -> None:
    assert [count(None), count(None)] == [1, 2]


def test_keys_are_forgotten_after_seven_days(count: Counter) -> None:
    count("k")
    count("other", now=NOON + KEPT_FOR + timedelta(seconds=1))

    assert count("k", 2) == 3
