"""Customers over HTTP, on SQLite, with neighbours in memory."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from bookstore.customer.app import MIGRATIONS, wire
from bookstore.customer.outbound.sql import SqlStore
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.http import application
from services.customer.tests.builders import (
    ADA,
    ADAS,
    BOB,
    BOBS,
    NOON,
    STAFF,
    STAFFS,
    a_customer,
    a_payment,
    an_order,
)
from services.customer.tests.memory import (
    FixedBooks,
    MemoryAccounts,
    MemoryOrders,
    MemoryPayments,
)

CALLERS = {
    "ada": ADAS,
    "bob": BOBS,
    "staff": STAFFS,
    "viewer": Caller(id=ADA, roles=frozenset({Role.VIEW})),
}
NOON_TEXT = "2026-01-01T12:00:00Z"
HOME = f"/api/v1/customers/{ADA}"
DETAILS = {"email": "ada@new.org", "first_name": "Ada", "last_name": "King", "phone": None}


class Shop:
    """A client of the service, and its neighbours."""

    def __init__(self) -> None:
        self.accounts = MemoryAccounts(
            a_customer(ADA, phone="+44 20 7946 0000"), a_customer(BOB, "bob@example.org")
        )
        self.orders = MemoryOrders([an_order(1), an_order(2, address=None), an_order(3, BOB)])
        self.payments = MemoryPayments([a_payment(1), a_payment(3, BOB)])
        self.books = FixedBooks(1, 2, 3)
        self.client: AsyncClient

    async def ask(
        self, method: str, path: str, body: object = None, by: str = "ada", **headers: str
    ) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            sent["authorization"] = f"Bearer {by}"
        options: dict[str, Any] = {} if body is None else {"json": body}
        return await self.client.request(method, path, headers=sent, **options)

    async def ok(self, method: str, path: str, body: object = None, by: str = "ada") -> Any:
        answer = await self.ask(method, path, body, by)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
async def shop() -> AsyncGenerator[Shop]:
    shop = Shop()
    with open_database("sqlite://", MIGRATIONS) as database:
        service = wire(
            database.transact(SqlStore),
            database.read(SqlStore),
            accounts=shop.accounts,
            orders=shop.orders,
            payments=shop.payments,
            books=shop.books,
            clock=FakeClock(NOON),
        )
        await service.ready()
        app = application(service.operations, authenticator=KnownCallers(CALLERS))
        async with AsyncClient(transport=ASGITransport(app), base_url="http://shop") as client:
            shop.client = client
            yield shop


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_customers_look_at_and_change_themselves(shop: Shop) -> None:
    seen = await shop.ask("GET", HOME)

    assert seen.json() == {
        "id": str(ADA),
        "email": "ada@example.org",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20 7946 0000",
        "roles": ["profile", "order", "view"],
        "created_at": NOON_TEXT,
        "updated_at": NOON_TEXT,
    }
    assert (await shop.ask("GET", HOME, if_none_match=seen.headers["etag"])).status_code == 304
    assert problem(await shop.ask("PUT", HOME, DETAILS)) == (428, "version-required")
    changed = await shop.ask("PUT", HOME, DETAILS, if_match=seen.headers["etag"])
    assert (changed.json()["last_name"], changed.json()["phone"]) == ("King", None)
    assert changed.headers["etag"] == '"2"'
    stale = await shop.ask("PUT", HOME, DETAILS, if_match=seen.headers["etag"])
    assert problem(stale) == (412, "version-mismatch")
    taken = DETAILS | {"email": "bob@example.org"}
    assert problem(await shop.ask("PUT", HOME, taken, if_match="*")) == (409, "email-taken")


@pytest.mark.parametrize(
    "changes",
    [{"email": " ada@new.org"}, {"first_name": " "}, {"roles": ["manage"]}, {"phone": ""}],
)
async def test_details_that_cannot_be_are_422(shop: Shop, changes: dict[str, object]) -> None:
    refused = await shop.ask("PUT", HOME, DETAILS | changes, if_match="*")

    assert refused.status_code == 422


async def test_staff_list_customers(shop: Shop) -> None:
    page = await shop.ok(
        "GET", "/api/v1/customers?name=Ada&phone=%2B44%2020%207946%200000", by="staff"
    )

    assert (page["total"], page["items"][0]["id"]) == (1, str(ADA))
    assert problem(await shop.ask("GET", "/api/v1/customers"))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/wishlist",
        "/point",
        "/point/entries",
        "/orders",
        f"/orders/{an_order(1).id}",
        "/payments",
        f"/payments/{a_payment(1).id}",
    ],
)
async def test_only_the_owner_and_staff_see_a_customers_data(shop: Shop, path: str) -> None:
    assert (await shop.ask("GET", HOME + path)).status_code == 200
    assert (await shop.ask("GET", HOME + path, by="staff")).status_code == 200
    assert problem(await shop.ask("GET", HOME + path, by="bob")) == (404, "customer-not-found")
    assert (await shop.ask("GET", HOME + path, by="viewer")).status_code == 403
    assert (await shop.ask("GET", HOME + path, by="")).status_code == 401


async def test_a_wish_list_is_kept(shop: Shop) -> None:
    path = f"{HOME}/wishlist"

    added = await shop.ask("POST", path, {"book_ids": [2, 1]})
    again = await shop.ask("POST", path, {"book_ids": [1, 3]})

    assert (added.status_code, added.headers["location"]) == (201, path)
    assert (again.status_code, again.json()) == (201, {"book_ids": [2, 1, 3]})
    assert (await shop.ask("DELETE", f"{path}?book_ids=2&book_ids=99")).status_code == 204
    assert await shop.ok("GET", path) == {"book_ids": [1, 3]}
    assert await shop.ok("PUT", path, {"book_ids": [3]}) == {"book_ids": [3]}
    assert await shop.ok("PUT", path, {"book_ids": []}) == {"book_ids": []}


async def test_a_wish_that_cannot_be_says_why(shop: Shop) -> None:
    path = f"{HOME}/wishlist"

    unknown = await shop.ask("POST", path, {"book_ids": [1, 9]})

    assert problem(unknown) == (422, "unknown-book")
    assert unknown.json()["errors"][0]["pointer"] == "/book_ids/1"
    assert (await shop.ask("POST", path, {"book_ids": []})).status_code == 422
    assert (await shop.ask("DELETE", path)).status_code == 422
    assert (await shop.ask("DELETE", f"{path}?book_ids=")).status_code == 422


async def test_staff_set_points_and_everybody_concerned_can_see_why(shop: Shop) -> None:
    path = f"{HOME}/point"

    assert await shop.ok("GET", path) == {"id": str(ADA), "point": 0, "updated_at": None}
    assert problem(await shop.ask("PUT", path, {"point": 9}))[0] == 403
    gift = {"point": 250, "reason": "a gift"}
    assert await shop.ok("PUT", path, gift, by="staff") == {
        "id": str(ADA),
        "point": 250,
        "updated_at": NOON_TEXT,
    }
    await shop.ok("PUT", path, {"point": 200}, by="staff")
    ledger = await shop.ok("GET", f"{path}/entries?order=asc")
    assert ledger["total"] == 2
    assert ledger["items"][1] == {
        "id": 2,
        "change": -50,
        "point": 200,
        "reason": None,
        "created_by": str(STAFF),
        "created_at": NOON_TEXT,
    }


async def test_orders_are_shown_as_order_tells_them(shop: Shop) -> None:
    page = await shop.ok("GET", f"{HOME}/orders?status=completed&limit=1")

    usd = {"amount": 3998, "currency": "USD"}
    assert (page["total"], page["next_cursor"]) == (2, "more")
    assert page["items"] == [
        {
            "id": str(an_order(1).id),
            "number": "2026-000001",
            "user_id": str(ADA),
            "status": "completed",
            "order_items": [
                {
                    "book_id": 7,
                    "title": "Clean Code",
                    "quantity": 2,
                    "unit_price": {"amount": 1999, "currency": "USD"},
                    "line_total": usd,
                }
            ],
            "total_price": usd,
            "reason": None,
            "shipping_address": {
                "name": "Ada",
                "line1": "12 St James's Square",
                "line2": None,
                "city": "London",
                "region": None,
                "postal_code": "SW1Y 4JH",
                "country": "GB",
            },
            "created_at": NOON_TEXT,
            "updated_at": NOON_TEXT,
        }
    ]
    second = await shop.ok("GET", f"{HOME}/orders/{an_order(2).id}")
    assert second["shipping_address"] is None
    bobs = await shop.ask("GET", f"{HOME}/orders/{an_order(3).id}")
    assert problem(bobs) == (404, "order-not-found")


@pytest.mark.parametrize("path", ["orders", "payments"])
@pytest.mark.parametrize("offset", [0, 1])
async def test_a_cursor_goes_with_no_offset(shop: Shop, path: str, offset: int) -> None:
    both = await shop.ask("GET", f"{HOME}/{path}?cursor=more&offset={offset}")
    assert problem(both) == (422, "cursor-with-offset")


async def test_payments_are_shown_as_payment_tells_them(shop: Shop) -> None:
    page = await shop.ok("GET", f"{HOME}/payments?order_id={an_order(1).id}")

    assert (page["total"], page["next_cursor"]) == (1, None)
    assert page["items"] == [await shop.ok("GET", f"{HOME}/payments/{a_payment(1).id}")]
    assert page["items"][0]["payment_type"] == "card"
    assert page["items"][0]["refunded_amount"] == {"amount": 0, "currency": "USD"}
    bobs = await shop.ask("GET", f"{HOME}/payments/{a_payment(3).id}")
    assert problem(bobs) == (404, "payment-not-found")


async def test_an_account_is_closed_once_its_orders_have_ended(shop: Shop) -> None:
    assert (await shop.ask("DELETE", HOME)).status_code == 204
    assert problem(await shop.ask("DELETE", HOME)) == (404, "customer-not-found")
    assert (await shop.ok("GET", f"{HOME}/orders", by="staff"))["total"] == 2


async def test_neighbours_that_are_away_are_503(shop: Shop) -> None:
    shop.accounts.away = shop.orders.away = shop.payments.away = shop.books.away = True

    for path in ("", "/orders", "/payments"):
        away = await shop.ask("GET", HOME + path)
        assert problem(away) == (503, "unavailable")
        assert away.headers["retry-after"] == "1"
    assert await shop.ok("GET", f"{HOME}/wishlist") == {"book_ids": []}
