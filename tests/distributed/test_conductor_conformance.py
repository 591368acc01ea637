"""The saga conformance suite on a real Conductor: every case, side by side on one server.

What the embedded engine's own writes are to it, the server's steps are here: test_conductor_kill.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest
from tools.servers.conductor import ConductorServer

from bookstore.saga.conductor.engine import Pace
from libs.saga.tests import test_conformance
from libs.saga.tests.conformance.cases import Case, cases
from libs.saga.tests.conformance.on_conductor import (
    Deaf,
    Hall,
    on_conductor,
    open_hall,
)

EMBEDDED_ONLY = frozenset({"test_an_engine_killed_at_any_of_its_writes_is_continued_by_the_next"})
CASES = list(cases(test_conformance, but=EMBEDDED_ONLY))
AT_ONCE = 10
PACE = Pace(round=0.5)


@asynccontextmanager
async def hall_on(
    server: ConductorServer, *, task_s: float, patience_s: float
) -> AsyncIterator[Hall]:
    async with (
        httpx.AsyncClient(base_url=server.api) as http,
        open_hall(Deaf(http), pace=PACE, task_s=task_s, patience_s=patience_s) as hall,
    ):
        yield hall


@pytest.fixture(scope="module")
def outcomes(
    conductor_server: ConductorServer, request: pytest.FixtureRequest
) -> Mapping[str, Exception | None]:
    """How each case that is asked for went."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    given = [item.callspec.params.get("case") for item in items if hasattr(item, "callspec")]
    chosen = [case for case in given if isinstance(case, Case)]
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(hall: Hall, number: int, case: Case) -> Exception | None:
        async with slots:
            try:
                async with on_conductor(hall, f"case-{number}") as driver:
                    await case.test(driver, **case.given)
            except Exception as error:  # noqa: BLE001 — told by the case's own test
                return error
            return None

    async def run_all() -> dict[str, Exception | None]:
        async with hall_on(conductor_server, task_s=1, patience_s=120) as hall:
            runs = (run(hall, number, case) for number, case in enumerate(chosen))
            ends = await asyncio.gather(*runs)
        return dict(zip((case.name for case in chosen), ends, strict=True))

    return asyncio.run(run_all())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_of_the_suite(case: Case, outcomes: Mapping[str, Exception | None]) -> None:
    if (error := outcomes[case.name]) is not None:
        raise error
