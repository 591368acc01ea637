"""Inventory over HTTP, on SQLite, with a catalog that sells books 1 to 3."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from tests.harness.cursors import forged

from bookstore.inventory.app import MIGRATIONS, wire
from bookstore.inventory.outbound.sql import SqlInventory
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.http import application
from bookstore.saga.task import Handler
from services.inventory.tests.builders import NOON, STAFF, a_task, an_order
from services.inventory.tests.memory import FixedBooks

CALLERS = KnownCallers(
    {
        "staff": Caller(id=STAFF, roles=frozenset({Role.MANAGE})),
        "machine": Caller(roles=frozenset({Role.MANAGE})),
        "ada": Caller(id=STAFF, roles=frozenset({Role.PROFILE, Role.ORDER, Role.VIEW})),
    }
)
STOCK = {"book_id": 1, "warehouse_id": 1, "quantity": 5}
NOON_TEXT = "2026-01-01T12:00:00Z"


class Shop:
    """A client of inventory, and the saga's way in."""

    def __init__(self, client: AsyncClient, reserve: Handler) -> None:
        self.client = client
        self.reserve = reserve

    async def ask(
        self, method: str, path: str, body: object = None, by: str = "staff", **headers: str
    ) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            sent["authorization"] = f"Bearer {by}"
        options: dict[str, Any] = {} if body is None else {"json": body}
        return await self.client.request(method, f"/api/v1{path}", headers=sent, **options)

    async def ok(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        answer = await self.ask(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """Return a shop with one warehouse."""
    with open_database("sqlite://", MIGRATIONS) as database:
        transact = database.transact(SqlInventory)
        service = wire(transact, database.read(SqlInventory), FixedBooks(1, 2, 3), FakeClock(NOON))
        await service.ready()
        app = application(service.operations, authenticator=CALLERS)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://shop") as client:
            shop = Shop(client, service.tasks["inventory.reserve"])
            await shop.ok("POST", "/warehouses", {"name": "Main"})
            yield shop


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_stocked_book_is_where_it_says(shop: Shop) -> None:
    stocked = await shop.ask("POST", "/stocks", STOCK)

    assert stocked.status_code == 201
    assert (stocked.headers["location"], stocked.headers["etag"]) == ("/api/v1/stocks/1", '"1"')
    assert stocked.json() == STOCK | {
        "id": 1,
        "reserved_quantity": 0,
        "created_at": NOON_TEXT,
        "updated_at": NOON_TEXT,
    }
    found = await shop.ask("GET", "/stocks/1", by="")
    assert found.json() == stocked.json()
    assert found.headers["cache-control"] == "no-cache"
    unchanged = await shop.ask("GET", "/stocks/1", by="", if_none_match='"1"')
    assert unchanged.status_code == 304


async def test_stock_is_public_and_changed_by_staff_only(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)

    page = await shop.ask("GET", "/stocks?book_id=1&warehouse_id=1&sort=quantity&order=asc", by="")
    assert page.json()["total"] == 1
    assert problem(await shop.ask("POST", "/stocks", STOCK, by="")) == (401, "token-missing")
    assert problem(await shop.ask("POST", "/stocks", STOCK, by="ada"))[0] == 403
    assert problem(await shop.ask("GET", "/warehouses", by="ada"))[0] == 403
    assert problem(await shop.ask("GET", "/movements", by="ada"))[0] == 403
    assert problem(await shop.ask("GET", "/reservations", by="ada"))[0] == 403
    assert problem(await shop.ask("POST", "/stocks", STOCK, by="machine")) == (
        403,
        "person-needed",
    )


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (STOCK | {"book_id": 9}, 422, "unknown-book", "/book_id"),
        (STOCK | {"warehouse_id": 9}, 422, "unknown-warehouse", "/warehouse_id"),
    ],
)
async def test_what_cannot_be_stocked_says_why(
    shop: Shop, body: dict[str, int], status: int, code: str, pointer: str
) -> None:
    refused = await shop.ask("POST", "/stocks", body)

    assert problem(refused) == (status, code)
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("body", [STOCK | {"quantity": -1}, STOCK | {"reserved_quantity": 1}])
async def test_what_breaks_the_schema_is_422(shop: Shop, body: dict[str, int]) -> None:
    assert (await shop.ask("POST", "/stocks", body)).status_code == 422


async def test_a_second_row_for_a_pair_is_refused(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)

    assert problem(await shop.ask("POST", "/stocks", STOCK)) == (409, "stock-exists")


async def test_a_key_stocks_once(shop: Shop) -> None:
    first = await shop.ask("POST", "/stocks", STOCK, idempotency_key="k")
    again = await shop.ask("POST", "/stocks", STOCK, idempotency_key="k")
    other = await shop.ask("POST", "/stocks", STOCK | {"quantity": 1}, idempotency_key="k")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert problem(other) == (422, "idempotency-key-reused")


async def test_many_are_stocked_at_once_and_never_refilled(shop: Shop) -> None:
    rows = [STOCK, STOCK | {"book_id": 2}]

    assert await shop.ok("POST", "/stocks/bulk", {"items": rows}) == {"created": 2, "existing": 0}
    rows.append(STOCK | {"book_id": 3})
    assert await shop.ok("POST", "/stocks/bulk", {"items": rows}) == {"created": 1, "existing": 2}


async def test_setting_a_row_needs_the_version_that_was_seen(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)
    await shop.reserve(a_task("reserve_inventory", b1=2))
    eight = STOCK | {"quantity": 8}

    assert problem(await shop.ask("PUT", "/stocks/1", eight)) == (428, "version-required")
    stale = await shop.ask("PUT", "/stocks/1", eight, if_match='"1"')
    assert problem(stale) == (412, "version-mismatch")  # the reservation changed the tag
    set_ = await shop.ask("PUT", "/stocks/1", eight, if_match='"2"')
    assert (set_.json()["quantity"], set_.json()["reserved_quantity"]) == (8, 2)
    assert set_.headers["etag"] == '"3"'
    below = await shop.ask("PUT", "/stocks/1", STOCK | {"quantity": 1}, if_match="*")
    assert problem(below) == (409, "below-reserved")
    moved = await shop.ask("PUT", "/stocks/1", STOCK | {"book_id": 2}, if_match="*")
    assert problem(moved) == (422, "stock-fixed")


async def test_a_row_that_orders_hold_stays(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)
    await shop.ok("POST", "/stocks", STOCK | {"book_id": 2})
    await shop.reserve(a_task("reserve_inventory", b1=2))

    assert problem(await shop.ask("DELETE", "/stocks/1")) == (409, "below-reserved")
    assert (await shop.ask("DELETE", "/stocks/2")).status_code == 204
    assert problem(await shop.ask("GET", "/stocks/2")) == (404, "stock-not-found")


async def test_an_adjustment_answers_with_its_entry_in_the_ledger(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)
    correction = {"quantity": -1, "reason": "One was damaged."}

    adjusted = await shop.ask("POST", "/stocks/1/adjustments", correction, idempotency_key="k")
    again = await shop.ask("POST", "/stocks/1/adjustments", correction, idempotency_key="k")

    assert adjusted.status_code == again.status_code == 201
    assert adjusted.json() == again.json()
    assert await shop.ok("GET", "/movements/2") == adjusted.json()
    assert adjusted.json() == {
        "id": 2,
        "stock_id": 1,
        "book_id": 1,
        "warehouse_id": 1,
        "kind": "adjusted",
        "quantity": -1,
        "reserved_quantity": 0,
        "quantity_after": 4,
        "reserved_after": 0,
        "order_id": None,
        "reason": "One was damaged.",
        "created_by": str(STAFF),
        "created_at": NOON_TEXT,
    }
    nothing = await shop.ask("POST", "/stocks/1/adjustments", correction | {"quantity": 0})
    assert problem(nothing) == (422, "nothing-to-adjust")


async def test_staff_see_what_orders_hold(shop: Shop) -> None:
    await shop.ok("POST", "/stocks", STOCK)
    await shop.reserve(a_task("reserve_inventory", b1=2))

    page = await shop.ok("GET", f"/reservations?order_id={an_order()}&book_id=1&status=held")

    assert page["total"] == 1
    assert (page["items"][0]["quantity"], page["items"][0]["status"]) == (2, "held")
    assert await shop.ok("GET", "/reservations?status=shipped") == {"total": 0, "items": []}


async def test_the_ledger_is_walked_by_cursor_while_it_grows(shop: Shop) -> None:
    for book in (1, 2, 3):
        await shop.ok("POST", "/stocks", STOCK | {"book_id": book})
    path = "/movements?kind=stocked&warehouse_id=1&limit=2"

    first = await shop.ok("GET", path)
    await shop.ok("POST", "/warehouses", {"name": "Annex"})
    await shop.ok("POST", "/stocks", STOCK | {"warehouse_id": 2})
    second = await shop.ok("GET", f"{path}&cursor={first['next_cursor']}")

    assert [entry["book_id"] for entry in first["items"] + second["items"]] == [3, 2, 1]
    assert (first["total"], second["next_cursor"]) == (3, None)
    for offset in (0, 1):
        both = await shop.ask("GET", f"{path}&offset={offset}&cursor={first['next_cursor']}")
        assert problem(both) == (422, "cursor-with-offset")
    elsewhere = path.replace("warehouse_id=1", "warehouse_id=2")
    refused = await shop.ask("GET", f"{elsewhere}&cursor={first['next_cursor']}")
    assert problem(refused) == (422, "cursor-invalid")
    for edited in forged(first["next_cursor"], key=datetime, row=int):
        refused = await shop.ask("GET", f"{path}&cursor={edited}")
        assert problem(refused) == (422, "cursor-invalid"), edited


async def test_a_warehouse_is_kept_like_any_document(shop: Shop) -> None:
    described = {"name": " Annex ", "address": "1 Quay", "capacity": 10}

    added = await shop.ask("POST", "/warehouses", described)

    assert (added.status_code, added.headers["location"]) == (201, "/api/v1/warehouses/2")
    assert added.json() == {
        "id": 2,
        "name": "Annex",
        "address": "1 Quay",
        "capacity": 10,
        "created_at": NOON_TEXT,
        "updated_at": NOON_TEXT,
    }
    changed = await shop.ask("PUT", "/warehouses/2", {"name": "Cellar"}, if_match='"1"')
    assert (changed.json()["name"], changed.json()["address"]) == ("Cellar", None)
    assert await shop.ok("GET", "/warehouses/2") == changed.json()
    assert (await shop.ok("GET", "/warehouses?name=CELL&sort=name"))["total"] == 1
    assert problem(await shop.ask("PUT", "/warehouses/2", described)) == (428, "version-required")
    assert problem(await shop.ask("GET", "/warehouses?name=%20"))[0] == 422
    assert problem(await shop.ask("POST", "/warehouses", {"name": " "}))[0] == 422
    assert (await shop.ask("DELETE", "/warehouses/2")).status_code == 204
    await shop.ok("POST", "/stocks", STOCK)
    assert problem(await shop.ask("DELETE", "/warehouses/1")) == (409, "in-use")
