"""Old answers are forgotten, some at a time; young ones and those of the future are not."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.ids import first_uuid7, uuid7
from bookstore.kit.transaction import Transact, at_once
from bookstore.saga.forgetting import BATCH, ForgetAnswers, ParticipantSettings
from bookstore.saga.inbox import Answer, HasInbox, Inbox
from bookstore.saga.memory import MemoryInbox
from bookstore.saga.task import do_key, undo_key
from libs.saga.tests.conformance.shop import Store

MIGRATIONS = Path(__file__).parent / "shop_migrations"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAYS = 90
YES = Answer("w1", output={})
KEYS = (do_key, undo_key)


@dataclass
class InMemory:
    inbox: Inbox = field(default_factory=MemoryInbox)


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[HasInbox]]:
    if request.param == "memory":
        yield at_once(InMemory())
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            yield database.transact(Store)


def forget(transact: Transact[HasInbox]) -> ForgetAnswers:
    return ForgetAnswers(transact, FakeClock(NOW), DAYS)


def a_saga(age: timedelta) -> str:
    """Return the id of a saga that began so long ago."""
    return str(first_uuid7(NOW - age))


async def keep(transact: Transact[HasInbox], *keys: str) -> None:
    def all_of(store: HasInbox) -> None:
        for key in keys:
            store.inbox.keep(key, YES)

    await transact(all_of)


async def has(transact: Transact[HasInbox], key: str) -> bool:
    return await transact(lambda store: store.inbox.find(key)) is not None


async def test_only_what_is_older_is_forgotten(transact: Transact[HasInbox]) -> None:
    second, kept_for = timedelta(seconds=1), timedelta(days=DAYS)
    old, young, new = a_saga(kept_for + second), a_saga(kept_for - second), str(uuid7())
    await keep(transact, *(key(saga, "pay") for saga in (old, young, new) for key in KEYS))

    assert await forget(transact)() == len(KEYS)

    for key in KEYS:
        assert not await has(transact, key(old, "pay"))
        assert await has(transact, key(young, "pay"))
        assert await has(transact, key(new, "pay"))
    assert await forget(transact)() == 0


async def test_many_are_forgotten_some_at_a_time(transact: Transact[HasInbox]) -> None:
    old = a_saga(timedelta(days=2 * DAYS))
    await keep(transact, *(do_key(old, f"step-{n}") for n in range(BATCH + 1)))
    most = await transact(lambda store: store.inbox.forget(a_saga(timedelta(0)), BATCH))
    assert most == BATCH

    assert await forget(transact)() == 1


async def test_it_goes_on_every_hour_until_it_is_cancelled(transact: Transact[HasInbox]) -> None:
    old = do_key(a_saga(timedelta(days=2 * DAYS)), "pay")
    await keep(transact, old)
    hourly = asyncio.create_task(forget(transact).every_hour())
    async with asyncio.timeout(5):
        while await has(transact, old):  # noqa: ASYNC110 — nobody is told
            await asyncio.sleep(0.001)

    hourly.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hourly


def test_what_would_be_forgotten_too_soon_is_refused() -> None:
    with pytest.raises(ValueError, match="ANSWERS_KEPT_DAYS: is 6, but takes 7 or more"):
        ParticipantSettings(database_url="sqlite://", answers_kept_days=6)
