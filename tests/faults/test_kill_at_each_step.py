"""kill -9 before and after the effect of each step: the next start brings the order to its end.

The store is not told to stop anywhere. A lock on the database that the step needs holds it
still; the kill finds it there, whatever the machine's speed.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.harness.grip import Grip
from tests.harness.people import Buyer, Person, Staff, order
from tests.harness.store import Store, running

PATIENCE_S = 60.0
ORDERS = "/api/v1/orders"
KEY = "the-only-one-of-its-buyer"
ENDED = {"completed", "compensated"}


@dataclass(frozen=True)
class Hold:
    """Let the store write to this database no more."""

    database: str


@dataclass(frozen=True)
class LetGo:
    """Let it write again."""

    database: str


@dataclass(frozen=True)
class Until:
    """Wait until this is in the database."""

    database: str
    question: str


def recorded(step: str, status: str = "done") -> Until:
    """Wait until the saga's own journal has the step."""
    return Until(
        "order",
        "SELECT 1 FROM saga_event JOIN saga ON saga.id = saga_id WHERE subject = ? "
        f"AND step = '{step}' AND kind = 'do' AND status = '{status}'",
    )


def payment(status: str) -> Until:
    return Until("payment", f"SELECT 1 FROM payment WHERE order_id = ? AND status = '{status}'")


AT_THE_NETWORK = Until(
    "card-network", "SELECT 1 FROM network_authorisation WHERE network_key LIKE ? || ':%'"
)
RESERVED = Until("inventory", "SELECT 1 FROM reservation WHERE order_id = ?")
SHIPPED = Until("inventory", "SELECT 1 FROM movement WHERE order_id = ? AND kind = 'shipped'")

TO_RESERVATION = (Hold("inventory"), recorded("change_order_status"))
TO_CAPTURE = (
    *TO_RESERVATION,
    Hold("payment"),
    LetGo("inventory"),
    recorded("reserve_inventory"),
)
TO_VOID = (
    *TO_RESERVATION,
    Hold("payment"),
    LetGo("inventory"),
    recorded("reserve_inventory", "rejected"),
)
TO_REFUND = (Hold("payment"), recorded("begin_cancellation"))
TO_SHIPMENT = (Hold("inventory"), recorded("begin_shipment"))
Script = tuple[Hold | LetGo | Until, ...]

PURCHASE: dict[str, Script] = {
    "placed": (Hold("payment"), recorded("place_order")),
    "payment begun": (Hold("card-network"), payment("started")),
    "authorised but not heard of": (
        *(Hold("card-network"), payment("started"), Hold("payment")),
        *(LetGo("card-network"), AT_THE_NETWORK),
    ),
    "authorised but not recorded": (
        *(Hold("card-network"), payment("started"), Hold("order")),
        *(LetGo("card-network"), payment("authorised")),
    ),
    "paid": TO_RESERVATION,
    "reserved but not recorded": (*TO_RESERVATION, Hold("order"), LetGo("inventory"), RESERVED),
    "reserved": TO_CAPTURE,
    "capture not asked for": (
        *(*TO_RESERVATION, Hold("card-network")),
        *(LetGo("inventory"), recorded("reserve_inventory")),
    ),
    "captured but not recorded": (
        *(*TO_CAPTURE, Hold("order"), LetGo("payment")),
        payment("captured"),
    ),
}
SOLD_OUT: dict[str, Script] = {
    "refused": TO_VOID,
    "voided but not recorded": (*TO_VOID, Hold("order"), LetGo("payment"), payment("voided")),
}
CANCELLATION: dict[str, Script] = {
    "begun": TO_REFUND,
    "refunded but not recorded": (
        *(*TO_REFUND, Hold("order"), LetGo("payment")),
        payment("refunded"),
    ),
    "refunded": (Hold("inventory"), recorded("refund_payment")),
}
SHIPMENT: dict[str, Script] = {
    "begun": TO_SHIPMENT,
    "shipped but not recorded": (*TO_SHIPMENT, Hold("order"), LetGo("inventory"), SHIPPED),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("steps") / "data") as store:
        yield store
        verified = store.verify()
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture
def grip(store: Store) -> Iterator[Grip]:
    grip = Grip(store)
    yield grip
    grip.let_go()
    if not store.is_alive:  # one failure is enough
        store.start()


async def kill_at_the_end_of(
    script: Script, grip: Grip, who: Person, path: str, body: dict[str, Any] | None = None
) -> str:
    """Ask without waiting, follow the script, kill and start; return the order's id."""
    assert isinstance(script[0], Hold)
    grip.hold(script[0].database)
    headers = {"Prefer": "respond-async"} | ({"Idempotency-Key": KEY} if body else {})
    accepted = await who.http.post(path, json=body, headers=headers)
    assert accepted.status_code == 202, accepted.text
    order_id: str = accepted.json()["id"]
    for move in script[1:]:
        match move:
            case Hold(database):
                await asyncio.to_thread(grip.hold, database)
            case LetGo(database):
                grip.let_go(database)
            case Until(database, question):
                await grip.until(database, question, order_id)
    grip.store.kill()
    grip.let_go()
    await asyncio.to_thread(grip.store.start)
    return order_id


async def comes_to_its_end(staff: Staff, order_id: str) -> tuple[str, list[str]]:
    """Wait until nothing is left to do; return how the order and its payments then stand.

    Nobody asks for anything meanwhile: it goes on by itself.
    """
    path = f"/api/v1/orders/{order_id}"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            saga = (await staff.http.get(f"{path}/saga")).json()
            if saga["state"] in ENDED:
                break
            await asyncio.sleep(0.02)
    status: str = (await staff.http.get(path)).json()["status"]
    return status, [payment["status"] for payment in await staff.payments(order_id)]


@pytest.mark.parametrize("point", PURCHASE)
async def test_a_purchase_killed_when(store: Store, grip: Grip, point: str) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(3)

        order_id = await kill_at_the_end_of(PURCHASE[point], grip, buyer, ORDERS, order((book, 2)))
        end = await comes_to_its_end(staff, order_id)
        again = await buyer.buy((book, 2), key=KEY)

        assert end == ("confirmed", ["captured"])
        assert (again.status_code, again.json()["id"]) == (201, order_id)
        assert await staff.figures(book) == (3, 2)


@pytest.mark.parametrize("point", SOLD_OUT)
async def test_a_purchase_of_too_many_killed_when(store: Store, grip: Grip, point: str) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(1)

        order_id = await kill_at_the_end_of(SOLD_OUT[point], grip, buyer, ORDERS, order((book, 2)))
        end = await comes_to_its_end(staff, order_id)
        again = await buyer.buy((book, 2), key=KEY)

        assert end == ("cancelled", ["voided"])
        assert (again.status_code, again.json()["code"]) == (409, "out-of-stock")
        assert again.headers["location"] == f"{ORDERS}/{order_id}"
        assert await staff.figures(book) == (1, 0)


@pytest.mark.parametrize("point", CANCELLATION)
async def test_a_cancellation_killed_when(store: Store, grip: Grip, point: str) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(3)
        bought = (await buyer.buy((book, 2))).headers["location"]

        order_id = await kill_at_the_end_of(CANCELLATION[point], grip, buyer, f"{bought}/cancel")

        assert await comes_to_its_end(staff, order_id) == ("cancelled", ["refunded"])
        assert await staff.figures(book) == (3, 0)


@pytest.mark.parametrize("point", SHIPMENT)
async def test_a_shipment_killed_when(store: Store, grip: Grip, point: str) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(3)
        bought = (await buyer.buy((book, 2))).headers["location"]

        order_id = await kill_at_the_end_of(SHIPMENT[point], grip, staff, f"{bought}/ship")

        assert await comes_to_its_end(staff, order_id) == ("shipping", ["captured"])
        assert await staff.figures(book) == (1, 0)
