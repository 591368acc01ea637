"""What a request begins is one trace: from it over the calls of neighbours to its saga."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.harness.collector import Span, collecting
from tests.harness.people import Buyer, Staff, order
from tests.harness.store import Store

CLIENT = "00f067aa0ba902b7"
PURCHASE, CANCELLATION, SHIPMENT = (number * 32 for number in "abc")
TASKS = {
    PURCHASE: [
        "order.place",
        "payment.authorise",
        "order.mark_paid",
        "inventory.reserve",
        "payment.capture",
        "order.confirm",
    ],
    CANCELLATION: [
        "order.begin_cancel",
        "payment.refund",
        "inventory.release",
        "order.finish_cancel",
    ],
    SHIPMENT: ["order.begin_ship", "inventory.ship"],
}


@dataclass(frozen=True)
class Traced:
    """The spans of each trace, the orders they are about, and what was logged."""

    spans: dict[str, list[Span]]
    orders: dict[str, str]
    log: str


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with collecting() as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "LOG_FORMAT": "json"}
        folder = tmp_path_factory.mktemp("traced")
        store = Store(folder / "data", environment=settings | {"LOG_LEVEL": "INFO"})
        store.start()
        try:
            orders = asyncio.run(asked(store))
            assert store.stop() == 0  # which sends what is left
        finally:
            store.kill()
        yield Traced({trace: collector.trace(trace) for trace in TASKS}, orders, store.log)


async def asked(store: Store) -> dict[str, str]:
    """Buy two books, cancel one and have the other shipped; return which order each was about."""
    async with Buyer(store.url) as buyer, Staff(store.url) as staff:
        bought = await buyer.http.post(
            "/api/v1/orders",
            json=order((7, 1)),
            headers={"Idempotency-Key": "traced", "Prefer": "wait=30", **of(PURCHASE)},
        )
        assert bought.status_code == 201, bought.text
        first, second = bought.json()["id"], (await buyer.buy((7, 1))).json()["id"]

        cancel = f"/api/v1/orders/{first}/cancel"
        headers = {"Prefer": "wait=30", **of(CANCELLATION)}
        assert (await buyer.http.post(cancel, headers=headers)).status_code == 200

        ship = f"/api/v1/orders/{second}/ship"
        assert (await staff.http.post(ship, headers=of(SHIPMENT))).status_code == 202
        saga = f"/api/v1/orders/{second}/saga"
        async with asyncio.timeout(30):
            while (await staff.http.get(saga)).json()["state"] != "completed":  # noqa: ASYNC110 — nobody is told
                await asyncio.sleep(0.05)
    return {PURCHASE: first, CANCELLATION: first, SHIPMENT: second}


def of(trace: str) -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{CLIENT}-01"}


def the_only(spans: list[Span], name: str) -> Span:
    found = [span for span in spans if span.name == name]
    assert len(found) == 1, (name, [span.name for span in spans])
    return found[0]


@pytest.mark.parametrize(
    ("trace", "named", "status"),
    [
        (PURCHASE, "POST /api/v1/orders", 201),
        (CANCELLATION, "POST /api/v1/orders/{id}/cancel", 200),
        (SHIPMENT, "POST /api/v1/orders/{id}/ship", 202),
    ],
    ids=["purchase", "cancellation", "shipment"],
)
def test_a_request_and_the_steps_of_its_saga_are_one_trace(
    traced: Traced, trace: str, named: str, status: int
) -> None:
    spans = traced.spans[trace]
    request = the_only(spans, named)
    assert (request.parent, request.failed) == (CLIENT, False)
    assert request.facts["http.response.status_code"] == status
    for task in TASKS[trace]:
        step = the_only(spans, task)
        assert step.parent == request.id
        assert step.facts["order_id"] == traced.orders[trace]
    assert {span.service for span in spans} == {"bookstore"}


def test_the_calls_of_neighbours_are_in_the_trace(traced: Traced) -> None:
    spans = traced.spans[PURCHASE]
    request = the_only(spans, "POST /api/v1/orders")
    assert the_only(spans, "book.v1.BookService/FindPrices").parent == request.id


def test_the_log_tells_of_each_step_whose_it_is_and_in_which_trace(traced: Traced) -> None:
    lines = [json.loads(line) for line in traced.log.splitlines() if line.startswith("{")]
    assert all({"time", "level", "service", "message"} <= line.keys() for line in lines)
    for trace, tasks in TASKS.items():
        about = {"trace_id": trace, "order_id": traced.orders[trace]}
        told = [line for line in lines if line.items() >= about.items() and "saga_id" in line]
        assert [line["message"] for line in told] == [f"{task} is done" for task in tasks]
