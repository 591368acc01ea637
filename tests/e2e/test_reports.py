"""Faults that other shops reported, where only a running store can show that it has them not.

docs/twelve-reports.md says where the tests of all of them are.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.harness.people import Buyer, Person, Staff
from tests.harness.store import Store

MIB = 1024 * 1024
LISTS = ["orders", "payments", "movements"]


async def listed(who: Person, what: str, since: str, until: str) -> list[str]:
    asked = {"created_from": since, "created_to": until, "limit": "100"}
    answer = await who.http.get(f"/api/v1/{what}", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_an_order_on_the_boundary_is_in_exactly_one_report(
    buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(3)
    bought = [(await buyer.buy((book, 1))).json() for _ in range(3)]
    t1, t2, t3 = (order["created_at"] for order in bought)

    assert await listed(buyer, "orders", t1, t2) == [bought[0]["id"]]
    assert await listed(buyer, "orders", t2, t3) == [bought[1]["id"]]


async def test_a_payment_on_the_boundary_is_in_exactly_one_report(
    buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(3)
    bought = [(await buyer.buy((book, 1))).json()["id"] for _ in range(3)]
    first, second, third = [(await staff.payments(order_id))[0] for order_id in bought]

    def times(*payments: dict[str, str]) -> tuple[str, ...]:
        return tuple(payment["created_at"] for payment in payments)

    assert await listed(buyer, "payments", *times(first, second)) == [first["id"]]
    assert await listed(buyer, "payments", *times(second, third)) == [second["id"]]


@pytest.mark.parametrize("what", LISTS)
@pytest.mark.parametrize("end", ["created_from", "created_to"])
@pytest.mark.parametrize(
    "time",
    [
        "2026-02-30",
        "2026-02-30T00:00:00Z",
        "2026-02-28",
        "yesterday",
        "2026-02-28T00:00:00+01:00",  # a bare + is a blank
        "2026-02-28T23:59:60Z",
        "",
    ],
)
async def test_a_time_that_is_none_is_refused(
    store: Store, staff: Staff, what: str, end: str, time: str
) -> None:
    refused = await staff.http.get(httpx.URL(f"{store.url}/api/v1/{what}?{end}={time}"))

    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [end]


async def test_a_body_without_end_is_cut_short_and_takes_no_memory(
    store: Store, buyer: Buyer
) -> None:
    before = memory(store)
    poured = await asyncio.gather(*(asyncio.to_thread(pour, store, buyer) for _ in range(4)))

    assert [status for status, _ in poured] == [b"HTTP/1.1 413"] * 4
    assert max(sent for _, sent in poured) < 32
    assert memory(store) - before < 16 * MIB
    assert (await buyer.http.get("/readyz")).status_code == 200


def pour(store: Store, buyer: Buyer) -> tuple[bytes, int]:
    """Send 64 chunks of 1 MiB; return the answer's status line, and how many chunks went out."""
    token = buyer.http.headers["authorization"]
    with socket.create_connection(("127.0.0.1", store.port), timeout=10) as line:
        line.sendall(
            b"POST /api/v1/orders HTTP/1.1\r\nHost: store\r\nIdempotency-Key: endless\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
            b"Authorization: %s\r\n\r\n" % token.encode()
        )
        sent = 0
        with suppress(ConnectionError):
            while sent < 64:
                line.sendall(b"%x\r\n%s\r\n" % (MIB, b" " * MIB))
                sent += 1
        return line.recv(12), sent


def memory(store: Store) -> int:
    """Return the most memory that the store ever had, in bytes."""
    status = Path(f"/proc/{store.pid}/status").read_text()
    (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak.split()[1]) * 1024


async def test_a_small_body_in_chunks_is_fine(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(1)

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"order_items":[{"book_id":%d,' % book
        yield b'"quantity":1}],"payment_method":{"type":"card","token":"tok_visa"}}'

    bought = await buyer.http.post(
        "/api/v1/orders",
        content=chunks(),
        headers={"Content-Type": "application/json", "Idempotency-Key": "chunks"},
    )

    assert bought.status_code == 201, bought.text
