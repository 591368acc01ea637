"""What any place must do where sagas are asked for and looked up."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact, at_once
from bookstore.saga.memory import MemorySagas
from bookstore.saga.ports import SagaExistsError, SagaLog, SagaRequest, SagaRequests, State
from bookstore.saga.registry import Sagas
from bookstore.saga.store import SqlSagas
from libs.saga.tests.conformance.sagas import CHECKOUT, RETURN

MIGRATIONS = Path(__file__).parent / "engine_migrations"


class Both(SagaRequests, SagaLog, Protocol):
    """Where sagas are asked for is also where they are looked up."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Transact[Both]]:
    if request.param == "memory":
        yield at_once(MemorySagas(clock))
    else:
        sagas = Sagas(CHECKOUT, RETURN)
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            yield database.transact(lambda session: SqlSagas(session, sagas, clock))


def a_request(saga_id: str, subject: str = "o1", name: str = "checkout") -> SagaRequest:
    return SagaRequest(name=name, saga_id=saga_id, subject=subject, input={"order_id": subject})


async def test_a_saga_that_was_asked_for_is_requested(
    transact: Transact[Both], clock: FakeClock
) -> None:
    await transact(lambda sagas: sagas.request(a_request("s1")))

    view = await transact(lambda sagas: sagas.find("s1"))
    assert view is not None
    assert (view.saga_id, view.name, view.version, view.subject) == ("s1", "checkout", 1, "o1")
    assert (view.state, view.is_open, view.timeline) == (State.REQUESTED, True, ())
    assert view.created_at == view.updated_at == clock.now()
    assert view.deadline == clock.now() + timedelta(seconds=CHECKOUT.patience)
    assert await transact(lambda sagas: sagas.find("s2")) is None


async def test_a_saga_is_asked_for_once(transact: Transact[Both]) -> None:
    await transact(lambda sagas: sagas.request(a_request("s1")))

    with pytest.raises(SagaExistsError):
        await transact(lambda sagas: sagas.request(a_request("s1")))


async def test_the_newest_saga_of_a_subject_is_found(
    transact: Transact[Both], clock: FakeClock
) -> None:
    for request in (a_request("s1"), a_request("s2", name="take_back"), a_request("s3", "o2")):
        await transact(lambda sagas, request=request: sagas.request(request))  # type: ignore[misc]  # the default binds the request
        clock.advance(timedelta(seconds=1))

    async def newest(subject: str, name: str | None = None) -> str | None:
        view = await transact(lambda sagas: sagas.newest(subject, name))
        return None if view is None else view.saga_id

    assert await newest("o1") == "s2"
    assert await newest("o1", "checkout") == "s1"
    assert await newest("o2", "take_back") is None
    assert await newest("o3") is None


async def test_sagas_are_listed_by_state_and_age_the_oldest_first(
    transact: Transact[Both], clock: FakeClock
) -> None:
    begin = clock.now()
    for number in range(4):
        await transact(lambda sagas, n=number: sagas.request(a_request(f"s{n}")))  # type: ignore[misc]  # the default binds the number
        clock.advance(timedelta(minutes=1))

    async def page(
        state: State | None = None, minutes: int | None = None, limit: int = 9, offset: int = 0
    ) -> tuple[int, list[str]]:
        before = None if minutes is None else begin + timedelta(minutes=minutes)
        total, views = await transact(
            lambda sagas: sagas.page(
                state=state, created_before=before, limit=limit, offset=offset
            )
        )
        return total, [view.saga_id for view in views]

    assert await page() == (4, ["s0", "s1", "s2", "s3"])
    assert await page(limit=2, offset=1) == (4, ["s1", "s2"])
    assert await page(minutes=2) == (2, ["s0", "s1"])
    assert await page(State.REQUESTED, minutes=1) == (1, ["s0"])
    assert await page(State.STUCK) == (0, [])
