"""What /metrics says of the sagas of a running store."""

import asyncio

import httpx
from tests.harness.figures import figure
from tests.harness.people import Buyer, Staff
from tests.harness.store import Store


async def test_sagas_are_counted_and_their_steps_timed(buyer: Buyer, staff: Staff) -> None:
    async def page() -> str:
        return (await buyer.http.get("/metrics")).text

    def completed(page: str) -> float:
        return figure(page, "sagas_ended_total", saga="place_order", state="completed")

    def compensated(page: str) -> float:
        return figure(page, "sagas_ended_total", saga="place_order", state="compensated")

    def payments(page: str, status: str) -> float:
        name = "saga_attempt_duration_seconds_count"
        return figure(page, name, step="make_payment", kind="do", status=status)

    book = await staff.shelve(2)
    before = await page()
    await buyer.buy((book, 1))
    await buyer.buy((book, 1), token="tok_declined")
    after = await page()

    assert completed(after) == completed(before) + 1
    assert compensated(after) == compensated(before) + 1
    assert payments(after, "done") == payments(before, "done") + 1
    assert payments(after, "rejected") == payments(before, "rejected") + 1


async def test_a_stuck_saga_shows_and_goes_once_it_is_helped(
    store: Store, buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(1)
    stuck = await buyer.buy((book, 1), token="tok_capture_declined", prefer="respond-async")

    await until_stuck(store, 1)
    saga = f"/api/v1/sagas/{stuck.json()['id']}"
    abandoned = await staff.http.post(f"{saga}/abandon", json={"reason": "the card is gone"})

    assert abandoned.is_success, abandoned.text
    await until_stuck(store, 0)


async def until_stuck(store: Store, wanted: float) -> None:
    """Wait for the figure, which is looked at every few seconds."""
    async with asyncio.timeout(15), httpx.AsyncClient() as anybody:
        while True:
            page = (await anybody.get(f"{store.url}/metrics")).text
            if figure(page, "sagas_open", state="stuck") == wanted:
                return
            await asyncio.sleep(0.1)
