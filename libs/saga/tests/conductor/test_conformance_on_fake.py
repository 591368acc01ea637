"""The conformance suite on a Conductor in memory: each way a saga can go, once and quickly.

On the real server the whole of it is run by `make test-conductor`.
"""

import pytest

from bookstore.saga.conductor.engine import Pace
from libs.saga.tests import test_conformance
from libs.saga.tests.conductor.fake import FakeConductor
from libs.saga.tests.conformance.cases import Case, cases
from libs.saga.tests.conformance.on_conductor import Deaf, on_conductor, open_hall

EMBEDDED_ONLY = frozenset({"test_an_engine_killed_at_any_of_its_writes_is_continued_by_the_next"})
ONE_OF_EACH = {case.test: case for case in cases(test_conformance, but=EMBEDDED_ONLY)}.values()


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: case.name)
async def test_a_case_of_the_suite(case: Case) -> None:
    pace = Pace(round=0.02, kick=0.02)
    async with (
        FakeConductor(second=0.06).client() as http,
        open_hall(Deaf(http), pace=pace, task_s=0.5, patience_s=30) as hall,
        on_conductor(hall, "case") as driver,
    ):
        await case.test(driver, **case.given)
