"""A purchase, and every way it can fail, over HTTP."""

import asyncio

import httpx
import pytest
from tests.harness.people import Buyer, Staff, order
from tests.harness.store import Store


async def steps(staff: Staff, order_id: str) -> list[tuple[str, str]]:
    saga = (await staff.http.get(f"/api/v1/orders/{order_id}/saga")).json()
    return [(attempt["step"], attempt["kind"]) for attempt in saga["timeline"]]


async def test_a_real_book_is_bought(buyer: Buyer, staff: Staff) -> None:
    found = await buyer.http.get("/api/v1/books", params={"title": "hunger games", "limit": 5})
    book = found.json()["items"][0]

    bought = await buyer.buy((book["id"], 2))

    assert bought.status_code == 201
    placed = bought.json()
    assert placed["status"] == "confirmed"
    assert placed["total_price"]["amount"] == 2 * book["price"]["amount"]
    assert placed["order_items"][0]["title"] == book["title"]
    assert bought.headers["location"] == f"/api/v1/orders/{placed['id']}"
    (payment,) = await staff.payments(placed["id"])
    assert payment["status"] == "captured"
    assert await steps(staff, placed["id"]) == [
        ("place_order", "do"),
        ("make_payment", "do"),
        ("change_order_status", "do"),
        ("reserve_inventory", "do"),
        ("capture_payment", "do"),
        ("confirm_order", "do"),
    ]


@pytest.mark.parametrize("token", ["tok_declined", "tok_insufficient_funds"])
async def test_a_declined_card_costs_nothing(buyer: Buyer, staff: Staff, token: str) -> None:
    book = await staff.shelve(1)

    refused = await buyer.buy((book, 1), token=token)

    assert (refused.status_code, refused.json()["code"]) == (402, "card-declined")
    order_id = refused.headers["location"].rpartition("/")[2]
    assert (await buyer.http.get(refused.headers["location"])).json()["status"] == "cancelled"
    assert [p["status"] for p in await staff.payments(order_id)] == ["declined"]
    assert await staff.figures(book) == (1, 0)


async def test_a_sold_out_book_is_compensated(buyer: Buyer, staff: Staff) -> None:
    book, other = await staff.shelve(1), await staff.shelve(5)

    refused = await buyer.buy((other, 1), (book, 2))

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "out-of-stock")
    assert [(e["pointer"], e["available"]) for e in problem["errors"]] == [("/order_items/1", 1)]
    order_id = refused.headers["location"].rpartition("/")[2]
    assert [p["status"] for p in await staff.payments(order_id)] == ["voided"]
    assert (await staff.figures(book), await staff.figures(other)) == ((1, 0), (5, 0))
    undone = [step for step, kind in await steps(staff, order_id) if kind == "undo"]
    assert undone == ["reserve_inventory", "change_order_status", "make_payment", "place_order"]


async def test_a_repeated_click_is_one_order_with_one_answer(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(10)

    first = await buyer.buy((book, 1), key="the-same-click")
    again = await buyer.buy((book, 1), key="the-same-click", prefer="respond-async")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert await staff.figures(book) == (10, 1)


async def test_clicks_that_wait_for_nothing_are_all_told_of_the_one_order(
    buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(10)

    clicks = (buyer.buy((book, 1), key="eight-clicks", prefer="wait=0") for _ in range(8))
    answers = await asyncio.gather(*clicks)

    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.headers["location"] for answer in answers}) == 1


async def test_a_purchase_is_called_off_by_any_number_of_clicks(
    buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(1)
    bought = await buyer.buy((book, 1), token="tok_slow", prefer="respond-async")
    path = f"{bought.headers['location']}/cancel"

    at_once = [await buyer.http.post(path, headers={"Prefer": "wait=0"}) for _ in range(2)]
    waited = await asyncio.gather(*(buyer.http.post(path) for _ in range(6)))

    assert [answer.status_code for answer in at_once] == [202, 202]
    assert {(a.status_code, a.json()["status"]) for a in waited} == {(200, "cancelled")}
    assert await staff.figures(book) == (1, 0)
    order_id = bought.json()["id"]
    assert {p["status"] for p in await staff.payments(order_id)} <= {"voided"}


async def test_twenty_orders_each_clicked_three_times_are_twenty(
    store: Store, staff: Staff
) -> None:
    book = await staff.shelve(100)
    async with Buyer(store.url) as buyer:
        clicks = await asyncio.gather(
            *(buyer.buy((book, 1), key=f"triple-{n}") for n in range(20) for _ in range(3))
        )

    answers = [{(c.status_code, c.content) for c in clicks[n * 3 : n * 3 + 3]} for n in range(20)]
    assert [len(answer) for answer in answers] == [1] * 20
    assert {click.status_code for click in clicks} == {201}
    orders = {click.json()["id"] for click in clicks}
    assert len(orders) == 20
    payments = [await staff.payments(order_id) for order_id in orders]
    assert [[p["status"] for p in per_order] for per_order in payments] == [["captured"]] * 20
    assert await staff.figures(book) == (100, 20)


@pytest.mark.parametrize("copies", [5, 1])
@pytest.mark.parametrize("_round", range(3))
async def test_thirty_buyers_get_as_many_copies_as_there_are(
    store: Store, staff: Staff, copies: int, _round: int
) -> None:
    book = await staff.shelve(copies)
    async with Buyer(store.url) as buyer:
        answers = await asyncio.gather(*(buyer.buy((book, 1)) for _ in range(30)))

    outcomes = sorted((a.status_code, a.json().get("code", "")) for a in answers)
    assert outcomes == [(201, "")] * copies + [(409, "out-of-stock")] * (30 - copies)
    assert await staff.figures(book) == (copies, copies)


@pytest.mark.parametrize("token", ["tok_timeout_before", "tok_timeout_after"])
async def test_a_lost_answer_of_the_network_is_asked_for_again(
    buyer: Buyer, staff: Staff, token: str
) -> None:
    book = await staff.shelve(1)

    bought = await buyer.buy((book, 1), token=token)

    assert bought.status_code == 201
    assert [p["status"] for p in await staff.payments(bought.json()["id"])] == ["captured"]


async def test_who_does_not_wait_finds_the_order_later(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(1)

    accepted = await buyer.buy((book, 1), token="tok_slow", prefer="respond-async")

    assert accepted.status_code == 202
    assert accepted.headers["preference-applied"] == "respond-async"
    status, tries = "", 0
    while status != "confirmed" and tries < 100:
        await asyncio.sleep(0.1)
        status = (await buyer.http.get(accepted.headers["location"])).json()["status"]
        tries += 1
    assert status == "confirmed"


async def test_a_confirmed_order_can_be_cancelled_and_pays_back(
    buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(3)
    bought = (await buyer.buy((book, 2))).json()

    cancelled = await buyer.http.post(f"/api/v1/orders/{bought['id']}/cancel")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert [p["status"] for p in await staff.payments(bought["id"])] == ["refunded"]
    assert await staff.figures(book) == (3, 0)


async def test_a_shipped_order_is_too_late_to_cancel(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(3)
    bought = (await buyer.buy((book, 2))).json()

    shipped = await staff.http.post(f"/api/v1/orders/{bought['id']}/ship")
    assert shipped.status_code == 202
    for _ in range(100):
        if await staff.figures(book) == (1, 0):
            break
        await asyncio.sleep(0.05)
    too_late = await buyer.http.post(f"/api/v1/orders/{bought['id']}/cancel")

    assert (too_late.status_code, too_late.json()["code"]) == (409, "too-late")
    assert await staff.figures(book) == (1, 0)


async def test_a_changed_total_is_refused_and_said(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(1, price=1999)

    refused = await buyer.http.post(
        "/api/v1/orders",
        json=order((book, 1)) | {"expected_total": {"amount": 1500, "currency": "USD"}},
        headers={"Idempotency-Key": "cheaper"},
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "price-changed")
    assert refused.json()["total"] == {"amount": 1999, "currency": "USD"}


async def test_another_customers_order_is_not_there(store: Store, staff: Staff) -> None:
    book = await staff.shelve(1)
    async with Buyer(store.url) as owner, Buyer(store.url) as other:
        location = (await owner.buy((book, 1))).headers["location"]

        assert (await owner.http.get(location)).status_code == 200
        assert (await other.http.get(location)).status_code == 404
        assert (await staff.http.get(location)).status_code == 200


async def test_a_card_number_is_refused_and_stored_nowhere(
    store: Store, buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(1)

    refused = await buyer.buy((book, 1), token="tok_4111111111111111")

    assert refused.status_code == 422
    files = [file for file in store.data.rglob("*") if file.is_file()]
    assert files
    assert not any(b"4111111111111111" in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, None),
        (b"{}", {}, 422, None),
        (b'{"order_items":[],"payment_method":{"type":"card","token":"tok_visa"}}', {}, 422, None),
        (b'{"surprise":1}', {}, 422, None),
        (b"{}", {"Idempotency-Key": "a blank"}, 400, "idempotency-key-invalid"),
        (b"{}", {"Content-Type": "text/plain"}, 415, None),
        (b'{"x":"' + b"x" * (1 << 20) + b'"}', {}, 413, None),
    ],
)
async def test_bad_input_gets_a_typed_answer(
    buyer: Buyer, body: bytes, headers: dict[str, str], status: int, code: str | None
) -> None:
    answer = await buyer.http.post(
        "/api/v1/orders",
        content=body,
        headers={"Content-Type": "application/json", "Idempotency-Key": "bad"} | headers,
    )

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert code in (None, answer.json()["code"])


async def test_twelve_orders_at_once_have_twelve_numbers(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(12)

    answers = await asyncio.gather(*(buyer.buy((book, 1)) for _ in range(12)))

    assert len({answer.json()["number"] for answer in answers}) == 12


async def test_ship_and_cancel_at_once_have_one_winner(buyer: Buyer, staff: Staff) -> None:
    rounds = 50
    book = await staff.shelve(rounds)
    bought = await asyncio.gather(*(buyer.buy((book, 1)) for _ in range(rounds)))

    async def race(order_id: str) -> tuple[int, int]:
        answers: tuple[httpx.Response, ...] = await asyncio.gather(
            staff.http.post(f"/api/v1/orders/{order_id}/ship"),
            buyer.http.post(f"/api/v1/orders/{order_id}/cancel", headers={"Prefer": "wait=30"}),
        )
        return answers[0].status_code, answers[1].status_code

    results = [await race(answer.json()["id"]) for answer in bought]

    assert set(results) <= {(202, 409), (409, 200)}
    for answer, (shipped, _) in zip(bought, results, strict=True):
        payment = (await staff.payments(answer.json()["id"]))[0]["status"]
        assert payment == ("captured" if shipped == 202 else "refunded")
    for _ in range(100):
        if (await staff.figures(book))[1] == 0:
            break
        await asyncio.sleep(0.05)
    assert await staff.figures(book) == (rounds - sum(s == 202 for s, _ in results), 0)
