"""Every process of the store, and every server it stands on, ends in the middle of orders."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from tests.harness.distributed import Distributed
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import Shopping, until_over
from tools.distributed.plan import SIX, WORKERS, Part
from tools.servers.conductor import ConductorServer
from tools.servers.keycloak import Keycloak

BUYERS = 4
COPIES = 10_000
PROCESSES = [
    *(Part(service, "serve") for service in SIX),
    *(Part(service, "work", 2) for service in WORKERS),
]


@pytest.fixture
async def buyers(store: Distributed) -> AsyncIterator[list[Buyer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Buyer(store.url)) for _ in range(BUYERS)]


@pytest.fixture
async def book(staff: Staff) -> int:
    return await staff.shelve(COPIES)


async def add_up(shopping: Shopping, buyers: list[Buyer], staff: Staff, book: int) -> None:
    """See that every order ended once, was paid for as it ended, and took its copy."""
    by_email = {buyer.email: buyer for buyer in buyers}
    assert shopping.orders
    assert len({*shopping.orders.values()}) == len(shopping.orders)
    confirmed = 0
    for key, location in shopping.orders.items():
        buyer = by_email[key.rpartition("-")[0]]
        order = await until_over(buyer, location)
        again = await buyer.buy((book, 1), key=key, prefer="respond-async")
        assert again.headers["location"] == location
        payments = [payment["status"] for payment in await staff.payments(order["id"])]
        is_sold = order["status"] == "confirmed"
        # what was given up before the payment was made has none
        assert payments in ([["captured"]] if is_sold else [["voided"], []])
        confirmed += is_sold
    assert confirmed
    assert await staff.figures(book) == (COPIES, confirmed)


async def test_kill_9_of_each_process_in_the_middle_of_orders(
    store: Distributed, buyers: list[Buyer], staff: Staff, book: int
) -> None:
    shopping = Shopping()
    async with shopping.going_on(buyers, book):
        for part in PROCESSES:
            await asyncio.sleep(1)
            store.kill(part)
            await asyncio.sleep(0.5)
            store.start(part)
            await asyncio.to_thread(store.fleet.await_ready, part)

    await add_up(shopping, buyers, staff, book)


async def test_the_database_is_killed_and_started_again(
    store: Distributed, buyers: list[Buyer], staff: Staff, book: int
) -> None:
    shopping = Shopping()
    async with shopping.going_on(buyers, book):
        await asyncio.sleep(2)
        store.database.kill()
        await asyncio.sleep(2)
        await asyncio.to_thread(store.database.start)
        await asyncio.sleep(2)

    await add_up(shopping, buyers, staff, book)


async def test_conductor_is_killed_in_the_middle_of_sagas(
    conductor_server: ConductorServer,
    buyers: list[Buyer],
    staff: Staff,
    book: int,
) -> None:
    shopping = Shopping()
    async with shopping.going_on(buyers, book):
        await asyncio.sleep(2)
        conductor_server.kill()
        for buyer in buyers:  # orders are taken meanwhile: they wait for their sagas
            await shopping.buy(buyer, book, f"{buyer.email}-meanwhile")
        assert shopping.unavailable == 0
        await asyncio.to_thread(conductor_server.start)

    await add_up(shopping, buyers, staff, book)


async def test_keycloak_is_away(
    server: Keycloak, buyers: list[Buyer], staff: Staff, book: int
) -> None:
    """Who is signed in goes on until the token runs out; nobody else can sign in."""
    shopping, buyer = Shopping(), buyers[0]
    await asyncio.to_thread(server.stop)
    try:
        async with shopping.going_on(buyers, book):
            refused = await buyer.http.post(
                "/api/v1/users/signin", json={"email": buyer.email, "password": buyer.password}
            )
            await asyncio.sleep(5)
    finally:
        await asyncio.to_thread(server.start)

    assert (refused.status_code, refused.json()["code"]) == (503, "identity-provider-away")
    await add_up(shopping, buyers, staff, book)
    await buyer.sign_in()


def test_the_books_agree(store: Distributed) -> None:
    verified = store.run("verify")

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "invariants hold" in verified.stdout
