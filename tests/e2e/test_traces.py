"""One purchase is one trace: from the request over the calls of neighbours to the saga's steps."""

import json
from pathlib import Path

from tests.harness.collector import Span, collecting
from tests.harness.people import Buyer, order
from tests.harness.store import Store

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENT = "00f067aa0ba902b7"
TASKS = [
    "order.place",
    "payment.authorise",
    "order.mark_paid",
    "inventory.reserve",
    "payment.capture",
    "order.confirm",
]


def the_only(spans: list[Span], name: str) -> Span:
    found = [span for span in spans if span.name == name]
    assert len(found) == 1, (name, [span.name for span in spans])
    return found[0]


async def test_a_purchase_is_one_trace_and_its_log_names_it(tmp_path: Path) -> None:
    with collecting() as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "LOG_FORMAT": "json"}
        store = Store(tmp_path / "data", environment=settings | {"LOG_LEVEL": "INFO"})
        store.start()
        try:
            async with Buyer(store.url) as buyer:
                bought = await buyer.http.post(
                    "/api/v1/orders",
                    json=order((7, 1)),
                    headers={
                        "Idempotency-Key": "traced",
                        "Prefer": "wait=30",
                        "traceparent": f"00-{TRACE}-{CLIENT}-01",
                    },
                )
                assert bought.status_code == 201, bought.text
            assert store.stop() == 0  # which sends what is left
        finally:
            store.kill()

    spans = collector.trace(TRACE)
    request = the_only(spans, "POST /api/v1/orders")
    assert (request.parent, request.failed) == (CLIENT, False)
    assert request.facts["http.response.status_code"] == 201
    for task in TASKS:
        step = the_only(spans, task)
        assert step.parent == request.id
        assert step.facts["order_id"] == bought.json()["id"]
    assert the_only(spans, "book.v1.BookService/FindPrices").parent == request.id
    assert {span.service for span in spans} == {"bookstore"}
    lines = [json.loads(line) for line in store.log.splitlines() if line.startswith("{")]
    assert {"time", "level", "service", "message"} <= lines[-1].keys()
