"""What the REST API takes, refuses and shows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.harness.cursors import forged

from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.order.domain.basket import Offer
from bookstore.order.inbound.documents import older_than
from services.order.tests.builders import ADA, BOB, CLEAN_CODE, NOW
from services.order.tests.shop import CLEAN_CODE_TWICE, Shop, open_shop

HOME = {"name": "Ada", "line1": "12 St James's Square", "city": "London", "country": "GB"}
NOBODYS = "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50"


@pytest.fixture
async def shop(folder: Path) -> AsyncIterator[Shop]:
    async with open_shop(folder) as opened:
        yield opened


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_order_needs_a_key(shop: Shop) -> None:
    answer = await shop.call("POST", "/orders", json=CLEAN_CODE_TWICE)

    assert said(answer) == (400, "idempotency-key-required")


async def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    assert (await shop.buy(key="k1")).status_code == 201

    again = await shop.buy(key="k1", order_items=[{"book_id": 1, "quantity": 3}])

    assert said(again) == (422, "idempotency-key-reused")


async def test_the_same_body_is_compared_after_decoding_and_prefer_is_no_part_of_it(
    shop: Shop,
) -> None:
    first = await shop.buy(key="k1")

    again = await shop.buy(
        key="k1", prefer="wait=1", expected_total=None, order_items=[{"quantity": 2, "book_id": 1}]
    )

    assert (again.status_code, again.content) == (201, first.content)


async def test_a_changed_price_says_what_it_costs_now(shop: Shop) -> None:
    expected = {"amount": 7998, "currency": "USD"}
    shop.prices.offered[CLEAN_CODE] = Offer("Clean Code", Money(4200, "USD"))

    refused = await shop.buy(key="k1", expected_total=expected)

    assert said(refused) == (409, "price-changed")
    assert refused.json()["total"] == {"amount": 8400, "currency": "USD"}
    assert (await shop.buy(key="k1", expected_total=refused.json()["total"])).status_code == 201


async def test_another_currency_than_expected_is_a_changed_price(shop: Shop) -> None:
    answer = await shop.buy(expected_total={"amount": 7998, "currency": "EUR"})

    assert said(answer) == (409, "price-changed")


async def test_an_unknown_book_is_pointed_at(shop: Shop) -> None:
    items = [{"book_id": 1, "quantity": 1}, {"book_id": 999, "quantity": 1}]

    answer = await shop.buy(order_items=items)

    assert said(answer) == (422, "unknown-book")
    assert answer.json()["errors"][0]["pointer"] == "/order_items/1/book_id"


async def test_books_of_several_currencies_are_no_order(shop: Shop) -> None:
    items = [{"book_id": 1, "quantity": 1}, {"book_id": 3, "quantity": 1}]

    assert said(await shop.buy(order_items=items)) == (422, "mixed-currencies")


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"book_id": 1, "quantity": 0}],
        [{"book_id": 1, "quantity": 1000}],
        [{"book_id": 1, "quantity": 500}, {"book_id": 1, "quantity": 500}],
        [{"book_id": n, "quantity": 1} for n in range(1, 102)],
        [{"book_id": 1, "quantity": 1, "price": 1}],
    ],
)
async def test_what_is_no_list_of_books_is_refused(shop: Shop, items: list[Any]) -> None:
    answer = await shop.buy(order_items=items)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/order_items")


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_method": {"type": "card", "token": "4111111111111111"}},
        {"payment_method": {"type": "card", "token": "4111-1111-1111-1111"}},
        {"shipping_address": HOME | {"line2": "4111 1111 1111 1111"}},
        {"key": "5555555555554444"},
        {"prefer": "wait=5, card=4111111111111111"},
    ],
)
async def test_a_card_number_is_refused_wherever_it_stands(
    shop: Shop, changes: dict[str, Any]
) -> None:
    answer = await shop.buy(**changes)

    assert said(answer) == (422, "card-number")
    assert "4111" not in answer.text
    assert (await shop.call("GET", "/orders", "staff")).json()["total"] == 0


async def test_a_token_begins_with_tok(shop: Shop) -> None:
    answer = await shop.buy(payment_method={"type": "card", "token": "visa"})

    assert said(answer) == (422, "payment-token-refused")


async def test_the_address_is_kept_with_the_order(shop: Shop) -> None:
    order = (await shop.buy(shipping_address=HOME)).json()

    assert order["shipping_address"] == HOME | {
        "line2": None,
        "region": None,
        "postal_code": None,
    }
    assert await shop.order(order["id"]) == order


async def test_an_order_goes_to_a_country_that_there_is(shop: Shop) -> None:
    answer = await shop.buy(shipping_address=HOME | {"country": "XX"})

    assert said(answer) == (422, "unknown-country")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/shipping_address/country", "unknown-country")
    assert (await shop.buy(shipping_address=HOME | {"country": "KR"})).status_code == 201


async def test_title_and_price_stay_as_they_were(shop: Shop) -> None:
    order = (await shop.buy()).json()
    shop.prices.offered[CLEAN_CODE] = Offer("Cleaner Code", Money(1, "USD"))

    assert (await shop.order(order["id"]))["order_items"] == [
        {
            "book_id": 1,
            "title": "Clean Code",
            "quantity": 2,
            "unit_price": {"amount": 3999, "currency": "USD"},
            "line_total": {"amount": 7998, "currency": "USD"},
        }
    ]


async def test_a_quote_costs_what_the_order_will(shop: Shop) -> None:
    items = CLEAN_CODE_TWICE["order_items"]

    quote = await shop.call("POST", "/orders/quote", json={"order_items": items})

    assert quote.status_code == 200
    assert (await shop.buy(expected_total=quote.json()["total_price"])).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/saga"), ("POST", "/cancel")],
)
async def test_anothers_order_is_not_there(shop: Shop, method: str, path: str) -> None:
    order_id = (await shop.buy()).json()["id"]

    assert said(await shop.call(method, f"/orders/{order_id}{path}", "bob")) == (
        404,
        "order-not-found",
    )
    assert (await shop.call(method, f"/orders/{order_id}{path}", "ada")).status_code == 200
    assert said(await shop.call(method, f"/orders/{NOBODYS}{path}", "ada")) == (
        404,
        "order-not-found",
    )


async def test_staff_see_any_order_and_customers_their_own(shop: Shop) -> None:
    adas = (await shop.buy()).json()["id"]
    bobs = (await shop.buy(who="bob")).json()["id"]

    async def ids(who: str, **query: str) -> list[str]:
        answer = await shop.call("GET", "/orders", who, params=query)
        return [order["id"] for order in answer.json()["items"]]

    assert await ids("ada") == [adas]
    assert await ids("ada", user_id=str(ADA)) == [adas]
    assert await ids("ada", user_id=str(BOB)) == []
    assert await ids("staff") == [bobs, adas]
    assert await ids("staff", user_id=str(BOB)) == [bobs]
    assert (await shop.call("GET", f"/orders/{adas}", "staff")).status_code == 200


@pytest.mark.parametrize("path", ["ship", "complete"])
async def test_shipping_is_for_staff(shop: Shop, path: str) -> None:
    order_id = (await shop.buy()).json()["id"]

    assert (await shop.call("POST", f"/orders/{order_id}/{path}")).status_code == 403
    assert said(await shop.call("POST", f"/orders/{NOBODYS}/{path}", "staff")) == (
        404,
        "order-not-found",
    )


async def test_a_declined_card_is_told_in_the_words_of_the_network(shop: Shop) -> None:
    shop.neighbours.reject("payment.authorise", "card-declined")
    problem = (await shop.buy()).json()

    assert problem["detail"] == "Because the test says so; nothing was paid."
    assert problem["errors"][0]["message"] == problem["detail"]


async def test_a_card_number_in_any_header_is_refused(shop: Shop) -> None:
    headers = {"user-agent": "curl 4111-1111-1111-1111"}
    for method, path in (("POST", "/orders/quote"), ("GET", "/orders"), ("GET", "/sagas")):
        answer = await shop.call(method, path, "staff", headers=headers)
        assert said(answer) == (422, "card-number")


async def test_only_a_confirmed_order_ships(shop: Shop) -> None:
    shop.neighbours.reject("payment.authorise", "card-declined")
    order_id = (await shop.buy()).json()["instance"].rpartition("/")[2]

    answer = await shop.call("POST", f"/orders/{order_id}/ship", "staff")

    assert said(answer) == (409, "illegal-move")


async def test_staff_without_a_customers_role_buy_nothing(shop: Shop) -> None:
    assert (await shop.buy(who="staff")).status_code == 403


async def test_orders_are_filtered_by_status_and_time(shop: Shop) -> None:
    confirmed = (await shop.buy()).json()
    shop.neighbours.reject("payment.authorise", "card-declined")
    await shop.buy()

    async def total(**query: str) -> int:
        answer = await shop.call("GET", "/orders", params=query)
        return int(answer.json()["total"])

    assert await total(status="confirmed") == 1
    assert await total(status="cancelled") == 1
    assert await total(status="shipping") == 0
    assert await total(created_to=confirmed["created_at"]) == 0
    assert await total(created_from=confirmed["created_at"]) == 2


@pytest.mark.parametrize("sort", ["created_at", "total_price"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_orders_are_walked_by_cursor_while_others_come_in(
    shop: Shop, sort: str, order: str
) -> None:
    there = [(await shop.buy()).json()["id"] for _ in range(5)]
    query: dict[str, Any] = {"sort": sort, "order": order, "limit": 2}
    seen: list[str] = []
    cursor = None
    while True:
        asked = query if cursor is None else query | {"cursor": cursor}
        page = (await shop.call("GET", "/orders", params=asked)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if len(seen) < 5:
            await shop.buy()

    assert set(there) <= set(seen)
    assert len(seen) == len(set(seen))


async def test_a_cursor_is_bound_to_its_list(shop: Shop) -> None:
    for _ in range(2):
        await shop.buy()
    cursor = (await shop.call("GET", "/orders", params={"limit": 1})).json()["next_cursor"]

    for other in ({"order": "asc"}, {"status": "paid"}, {"cursor": "zzz"}):
        answer = await shop.call("GET", "/orders", params={"cursor": cursor} | other)
        assert said(answer) == (422, "cursor-invalid")
    for offset in (0, 1):
        asked = {"cursor": cursor, "offset": offset}
        both = await shop.call("GET", "/orders", params=asked)
        assert said(both) == (422, "cursor-with-offset")


@pytest.mark.parametrize(("sort", "key"), [("created_at", datetime), ("total_price", int)])
async def test_a_cursor_that_somebody_edited_is_refused(shop: Shop, sort: str, key: type) -> None:
    for _ in range(2):
        await shop.buy()
    query = {"sort": sort, "limit": 1}
    cursor = (await shop.call("GET", "/orders", params=query)).json()["next_cursor"]

    for edited in forged(cursor, key=key, row=UUID):
        answer = await shop.call("GET", "/orders", params=query | {"cursor": edited})
        assert said(answer) == (422, "cursor-invalid"), edited


async def test_a_saga_that_never_was_is_not_found(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    path = f"/orders/{order_id}/saga"

    assert said(await shop.call("GET", path, params={"name": "ship_order"})) == (
        404,
        "saga-not-found",
    )
    assert (await shop.call("GET", path, params={"name": "other"})).status_code == 422


async def test_sagas_are_for_staff(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]

    for method, path in (
        ("GET", "/sagas"),
        ("GET", f"/sagas/{order_id}"),
        ("POST", "/sagas/retry"),
        ("POST", f"/sagas/{order_id}/retry"),
    ):
        assert (await shop.call(method, path)).status_code == 403
    found = await shop.call("GET", f"/sagas/{order_id}", "staff")
    assert (found.status_code, found.json()["state"]) == (200, "completed")
    for path in (f"/sagas/{NOBODYS}/retry", f"/sagas/{NOBODYS}/abandon"):
        answer = await shop.call("POST", path, "staff", json={"reason": "why not"})
        assert said(answer) == (404, "saga-not-found")


async def test_sagas_are_listed_by_state_and_age(shop: Shop) -> None:
    await shop.buy()

    async def total(**query: str) -> int:
        answer = await shop.call("GET", "/sagas", "staff", params=query)
        return int(answer.json()["total"])

    assert await total() == 1
    assert await total(state="completed") == 1
    assert await total(state="stuck") == 0
    assert await total(older_than="0s") == 1
    assert await total(older_than="10m") == 0
    assert (
        await shop.call("GET", "/sagas", "staff", params={"older_than": "x"})
    ).status_code == 422


@pytest.mark.parametrize(
    ("age", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400)]
)
def test_an_age_is_seconds_or_has_a_unit(age: str, seconds: int) -> None:
    assert older_than(age, NOW) == NOW - timedelta(seconds=seconds)


def test_nothing_is_older_than_time() -> None:
    assert older_than("9999999d", NOW) == datetime(1970, 1, 1, tzinfo=UTC)


async def test_only_purchases_are_abandoned_and_only_refunds_are_settled(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    await shop.call("POST", f"/orders/{order_id}/ship", "staff")
    shipment = await shop.saga_came_to(order_id, "completed", name="ship_order")
    why = {"reason": "why not"}

    abandoned = await shop.call("POST", f"/sagas/{shipment['saga_id']}/abandon", "staff", json=why)
    settled = await shop.call("POST", f"/sagas/{order_id}/settle", "staff", json=why)
    too_early = await shop.call("POST", f"/sagas/{order_id}/abandon", "staff", json=why)

    assert said(abandoned) == (409, "saga-not-abandonable")
    assert said(settled) == (409, "saga-not-settleable")
    assert said(too_early) == (409, "saga-not-stuck")


async def test_keys_that_machines_make_are_no_card_numbers(shop: Shop) -> None:
    for _ in range(50):
        assert (await shop.buy(key=str(uuid7()), prefer="respond-async")).status_code in (201, 202)


async def test_a_service_buys_no_books(shop: Shop) -> None:
    assert said(await shop.buy(who="service")) == (403, "service-cannot-buy")
    assert (await shop.call("GET", "/orders", "service")).json()["total"] == 0
