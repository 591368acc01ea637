"""A process that is told to stop answers who waits, ends well and in time, whatever else hangs."""

import asyncio
from pathlib import Path

from tests.harness.lone_order import lone_order

from bookstore.kit.process_end import LAST_S


async def test_who_waits_for_an_order_is_answered_at_once(tmp_path: Path) -> None:
    async with lone_order(f"sqlite:///{tmp_path}/order.db", DRAIN_DELAY="0.5") as ordering:
        buying = await ordering.begun(ordering.buy("wait=60"))
        await asyncio.sleep(0.3)
        assert not buying.done()
        ordering.stop()
        bought = await buying
        ready = await ordering.http.get("/readyz")
        quoted = await ordering.quote()
        code, took = await ordering.ended()

    assert bought.status_code == 202, bought.text
    assert bought.headers["location"].endswith(bought.json()["id"])
    assert (ready.status_code, ready.json()["code"]) == (503, "not-ready")
    assert quoted.status_code == 200, quoted.text
    assert code == 0
    assert took < LAST_S, "in order"


async def test_a_neighbour_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    async with lone_order(f"sqlite:///{tmp_path}/order.db") as ordering:
        ordering.shelves.answers.clear()
        quoting = await ordering.begun(ordering.quote())
        ordering.stop()
        quoted = await quoting
        code, took = await ordering.ended()
        ordering.shelves.answers.set()

    assert quoted.status_code == 503, quoted.text
    assert code == 0
    assert took < LAST_S, "in order"
