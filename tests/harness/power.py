"""The power goes: kill -9 under load, start again, and nothing may be lost or doubled."""

import asyncio
import random
import zlib
from pathlib import Path

import httpx
from tests.harness.people import Buyer, Staff
from tests.harness.store import Store, running

BUYERS = 8


def pick(books: list[int], key: str) -> int:
    """Return the book that the order with this key is for."""
    return books[zlib.crc32(key.encode()) % len(books)]


async def shop(
    buyer: Buyer, books: list[int], answers: dict[str, httpx.Response | None], n: int
) -> None:
    """Buy one book after the other until the store is gone."""
    for i in range(1000):
        key = f"kill-{n}-{id(buyer)}-{i}"
        answers[key] = None
        try:
            answers[key] = await buyer.buy((pick(books, key), 1), key=key, prefer="wait=5")
        except httpx.TransportError:
            return


async def cut_the_power(data: Path, *, moments: int) -> None:
    """Kill a store in the middle of purchases, so many times, and see that all is well."""
    with running(data) as store:
        async with Staff(store.url) as staff:
            books = [await staff.shelve(10_000) for _ in range(3)]
        buyers = [Buyer(store.url) for _ in range(BUYERS)]
        for buyer in buyers:
            await buyer.__aenter__()
        answers: dict[Buyer, dict[str, httpx.Response | None]] = {buyer: {} for buyer in buyers}

        for moment in range(moments):
            load = asyncio.gather(*(shop(b, books, answers[b], moment) for b in buyers))
            await asyncio.sleep(random.uniform(0.05, 0.4))
            store.kill()
            await load
            store.start()
            for buyer in buyers:
                await repeat(buyer, books, answers[buyer])

        verified = store.verify()
        assert verified.returncode == 0, verified.stdout + verified.stderr
        await count(store, buyers, answers)
        for buyer in buyers:
            await buyer.http.aclose()


async def repeat(
    buyer: Buyer, books: list[int], answers: dict[str, httpx.Response | None]
) -> None:
    """Send what got no answer once more; what had its final answer must get the same again."""
    for key, before in answers.items():
        if before is None:
            answers[key] = await buyer.buy((pick(books, key), 1), key=key, prefer="wait=30")
    done = [(k, a) for k, a in answers.items() if a is not None and a.status_code == 201]
    for key, before in random.sample(done, min(3, len(done))):
        again = await buyer.buy((pick(books, key), 1), key=key)
        assert (again.status_code, again.content) == (before.status_code, before.content)


async def count(
    store: Store, buyers: list[Buyer], answers: dict[Buyer, dict[str, httpx.Response | None]]
) -> None:
    """Every confirmed answer is one order of its buyer, paid for once."""
    async with Staff(store.url) as staff:
        for buyer in buyers:
            said = {
                a.json()["id"]
                for a in answers[buyer].values()
                if a is not None and a.status_code == 201
            }
            page = await buyer.http.get("/api/v1/orders", params={"limit": 1})
            assert page.json()["total"] >= len(said)
            for order_id in random.sample(sorted(said), min(5, len(said))):
                assert [p["status"] for p in await staff.payments(order_id)] == ["captured"]
