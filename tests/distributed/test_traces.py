"""One purchase is one trace, from the client over every process that has a part in it.

For this the store is started again, told where its traces go; afterwards it is as before.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from tests.harness.collector import Collector, Span, collecting
from tests.harness.distributed import Distributed
from tests.harness.figures import figure
from tests.harness.people import PASSWORD, Buyer, order
from tests.harness.shopping import until_over
from tools.distributed.plan import Part, Plan
from tools.servers.keycloak import SECRETS

CLIENT = "00f067aa0ba902b7"
CARD = "tok_visa"
PRICES = "book.v1.BookService/FindPrices"
TASKS = {
    "order.place": "order",
    "payment.authorise": "payment",
    "order.mark_paid": "order",
    "inventory.reserve": "inventory",
    "payment.capture": "payment",
    "order.confirm": "order",
}
ARRIVED_WITHIN_S = 60  # they are sent every few seconds
REACHED_WITHIN_S = 120
COUNTED_WITHIN_S = 60  # the engine looks every second
ATTEMPTS = 10


@dataclass(frozen=True)
class Purchase:
    """What a client saw of it, and what the processes told."""

    trace: str
    order: dict[str, Any]
    spans: list[Span]
    others: list[Span]
    secret: list[str]  # what no span may say


@pytest.fixture(scope="module")
def purchase(store: Distributed) -> Iterator[Purchase]:
    with collecting() as collector:
        told = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "LOG_FORMAT": "json"}
        with restarted(store, told | {"LOG_LEVEL": "INFO"}):
            yield asyncio.run(bought(store, collector))


async def bought(store: Distributed, collector: Collector) -> Purchase:
    """Buy a book in a trace of the client's own."""
    async with Buyer(store.url) as buyer:
        trace, answer = await accepted(buyer)
        ended = await until_over(buyer, answer.headers["location"])
        token = buyer.http.headers["authorization"].removeprefix("Bearer ")
    end = time.monotonic() + ARRIVED_WITHIN_S
    while not set(TASKS) <= {span.name for span in collector.trace(trace)}:
        assert time.monotonic() < end, [span.name for span in collector.trace(trace)]
        await asyncio.sleep(0.2)
    await asyncio.sleep(6)  # whoever is last sends within 5 s
    spans = collector.trace(trace)
    others = [span for span in collector.spans if span.trace_id != trace]
    secret = [buyer.email, PASSWORD, CARD, token, *SECRETS.values()]
    return Purchase(trace, ended, spans, others, secret)


async def accepted(buyer: Buyer) -> tuple[str, httpx.Response]:
    """Order until it is taken, each time in another trace: a busy machine may keep us waiting."""
    number = 0
    while True:
        number += 1
        trace = f"{number:032x}"
        headers = {
            "Idempotency-Key": f"traced-{number}",
            "Prefer": "wait=60",
            "traceparent": f"00-{trace}-{CLIENT}-01",
        }
        body = order((7, 1), token=CARD)
        answer = await buyer.http.post("/api/v1/orders", json=body, headers=headers)
        if answer.status_code in {201, 202}:
            return trace, answer
        assert answer.status_code == 503, answer.text
        assert number < ATTEMPTS, answer.text
        await asyncio.sleep(1)


@contextmanager
def restarted(store: Distributed, told: Mapping[str, str]) -> Iterator[None]:
    """Have every process told something more, until the block ends."""
    before = store.fleet.plan
    restart(store, replace(before, extra={**before.extra, **told}))
    try:
        yield
    finally:
        restart(store, before)


def restart(store: Distributed, plan: Plan) -> None:
    assert set(store.stop().values()) == {0}
    store.fleet.plan = plan
    store.fleet.start(*plan.parts)
    store.fleet.await_ready()
    end, well = time.monotonic() + REACHED_WITHIN_S, 0
    with httpx.Client(base_url=f"{store.url}/api/v1", timeout=10) as client:
        while well < len(plan.parts):  # until the edge has noticed, for each of them
            assert time.monotonic() < end
            reached = all(
                client.get(what).status_code in {200, 401}
                for what in ("books", "stocks", "orders", "payments", "users/none")
            )
            well = well + 1 if reached else 0


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


def test_it_begins_where_the_client_says(purchase: Purchase) -> None:
    (request,) = named(purchase.spans, "POST /api/v1/orders")

    assert purchase.order["status"] == "confirmed"
    assert (request.service, request.parent, request.failed) == ("order", CLIENT, False)


def test_every_span_hangs_on_another_of_the_trace(purchase: Purchase) -> None:
    known = {span.id for span in purchase.spans} | {CLIENT}

    assert len({span.id for span in purchase.spans}) == len(purchase.spans)
    assert [span for span in purchase.spans if span.parent not in known] == []


def test_a_neighbours_answer_hangs_on_the_call(purchase: Purchase) -> None:
    (request,) = named(purchase.spans, "POST /api/v1/orders")
    (asking,) = [one for one in named(purchase.spans, PRICES) if one.service == "order"]
    answering = [one for one in named(purchase.spans, PRICES) if one.service == "catalog"]

    assert asking.parent == request.id
    assert {one.parent for one in answering} == {asking.id}


def test_each_step_is_done_by_its_service_within_the_request(purchase: Purchase) -> None:
    (request,) = named(purchase.spans, "POST /api/v1/orders")
    for task, service in TASKS.items():
        attempts = named(purchase.spans, task)
        assert {(one.service, one.parent) for one in attempts} == {(service, request.id)}
        assert {one.facts["order_id"] for one in attempts} == {purchase.order["id"]}
        assert not all(one.failed for one in attempts), task
    assert {span.service for span in purchase.spans} >= {"catalog", *TASKS.values()}


def test_the_workers_log_names_trace_saga_and_order(
    purchase: Purchase, store: Distributed
) -> None:
    id_ = purchase.order["id"]
    about = {"trace_id": purchase.trace, "order_id": id_, "saga_id": id_}
    for task, service in TASKS.items():
        logs = store.fleet.folder.glob(f"{service}-work*.log")
        lines = [line for log in logs for line in log.read_text().splitlines()]
        told = [
            json.loads(line) for line in lines if purchase.trace in line and line.startswith("{")
        ]

        wanted = about | {"service": service, "message": f"{task} is done"}
        assert any(line.items() >= wanted.items() for line in told), task


def test_whoever_follows_the_saga_counts_its_end_and_times_its_steps(
    purchase: Purchase, store: Distributed
) -> None:
    assert purchase.order["status"] == "confirmed"
    end = time.monotonic() + COUNTED_WITHIN_S
    while not told_by_order(store, "sagas_ended_total", saga="place_order", state="completed"):
        assert time.monotonic() < end
        time.sleep(0.5)

    attempts = "saga_attempt_duration_seconds_count"
    for step in ("make_payment", "reserve_inventory"):  # in processes of their own
        assert told_by_order(store, attempts, step=step, kind="do", status="done") >= 1
    for page in pages_of_order(store):
        assert 'sagas_open{state="stuck"} 0.0' in page
        assert 'saga_oldest_age_seconds{state="running"}' in page


def told_by_order(store: Distributed, name: str, **labels: str) -> float:
    """Add up a figure of all processes that serve ordering."""
    return sum(figure(page, name, **labels) for page in pages_of_order(store))


def pages_of_order(store: Distributed) -> list[str]:
    parts = [Part("order", "serve", number) for number in range(1, store.plan.each + 1)]
    addresses = [store.plan.http(part) for part in parts]
    return [httpx.get(f"http://{host}:{port}/metrics").text for host, port in addresses]


def test_no_span_says_who_it_was_or_how_they_proved_it(purchase: Purchase) -> None:
    said = "\n".join(f"{span.name} {span.facts}" for span in purchase.spans + purchase.others)

    assert purchase.others, "signing up and in are traced as well"
    assert [secret for secret in purchase.secret if secret in said] == []
