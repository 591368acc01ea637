"""The REST API: who sees what, how money goes back, and whose webhooks are believed."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.harness.cursors import forged

from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.http import application
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact
from bookstore.payment.app import wire
from bookstore.payment.application.find_payments import FindPayments
from bookstore.payment.application.ports import PaymentQuery, Store
from bookstore.payment.application.settle_outside import SettleOutside
from bookstore.payment.domain.payment import Payment
from bookstore.payment.inbound.signature import sign
from bookstore.payment.settings import Settings
from services.payment.tests.builders import (
    ADA,
    BOB,
    CUSTOMER,
    NOW,
    STAFF,
    STRANGER,
    a_captured_payment,
    a_payment,
    usd,
)
from services.payment.tests.world import SECRET, World

CARD = "4242 4242 4242 4242"
WRONG_ROLE = Caller(id=ADA, roles=frozenset({Role.VIEW}))
ADA_ASKS, BOB_ASKS, STAFF_ASKS, VIEWER_ASKS = (
    {"Authorization": f"Bearer {name}"} for name in ("ada", "bob", "staff", "viewer")
)


@pytest.fixture
def world(store: Transact[Store]) -> World:
    return World(store)


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    known = KnownCallers({"ada": CUSTOMER, "bob": STRANGER, "staff": STAFF, "viewer": WRONG_ROLE})
    app = application(world.service().operations, authenticator=known)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://payment") as opened:
        yield opened


async def keep(world: World, payment: Payment) -> Payment:
    await world.transact(lambda store: store.payments.add(payment))
    if payment.captured.amount:
        await world.network.authorise(payment.network_key, "tok_visa", payment.amount)
        await world.network.capture(payment.network_key)
    return payment


def as_staff(key: str = "k") -> dict[str, str]:
    return {**STAFF_ASKS, "Idempotency-Key": key}


def dollars(amount: int, **more: Any) -> dict[str, Any]:
    return {"amount": {"amount": amount, "currency": "USD"}, **more}


async def test_a_payment_is_shown_whole_and_without_a_card_number(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    answer = await client.get(f"/api/v1/payments/{payment.id}", headers=ADA_ASKS)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(payment.id),
        "order_id": str(payment.order_id),
        "user_id": str(ADA),
        "payment_type": "card",
        "card_token": "tok_…visa",
        "status": "captured",
        **dollars(3999),
        "captured_amount": {"amount": 3999, "currency": "USD"},
        "refunded_amount": {"amount": 0, "currency": "USD"},
        "settled_amount": {"amount": 0, "currency": "USD"},
        "reason": None,
        "payment_date": "2026-11-25T12:00:00Z",
        "created_at": "2026-11-25T12:00:00Z",
        "updated_at": "2026-11-25T12:00:00Z",
        "version": 1,
    }


@pytest.mark.parametrize("path", ["", "/refunds", f"/refunds/{uuid7()}"])
async def test_what_belongs_to_others_does_not_exist(
    world: World, client: httpx.AsyncClient, path: str
) -> None:
    payment = await keep(world, a_captured_payment(user_id=ADA))
    url = f"/api/v1/payments/{payment.id}{path}"
    stranger = await client.get(url, headers=BOB_ASKS)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "payment-not-found")
    assert (await client.get(url)).status_code == 401
    assert (await client.get(url, headers=VIEWER_ASKS)).status_code == 403


async def test_customers_list_their_own_and_staff_list_all(
    world: World, client: httpx.AsyncClient
) -> None:
    adas = await keep(world, a_captured_payment(user_id=ADA))
    bobs = await keep(world, a_payment(user_id=BOB, now=NOW + timedelta(minutes=1)))

    async def listed(headers: dict[str, str], **query: str) -> list[str]:
        answer = await client.get("/api/v1/payments", headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == len(answer.json()["items"])
        return [item["id"] for item in answer.json()["items"]]

    assert await listed(ADA_ASKS) == [str(adas.id)]
    assert await listed(ADA_ASKS, user_id=str(BOB)) == [str(adas.id)]
    assert await listed(ADA_ASKS, order_id=str(bobs.order_id)) == []
    assert await listed(STAFF_ASKS) == [str(bobs.id), str(adas.id)]
    assert await listed(STAFF_ASKS, user_id=str(BOB)) == [str(bobs.id)]
    assert await listed(STAFF_ASKS, order_id=str(adas.order_id)) == [str(adas.id)]
    assert await listed(STAFF_ASKS, status="captured") == [str(adas.id)]
    assert await listed(STAFF_ASKS, created_from="2026-11-25T12:01:00Z") == [str(bobs.id)]
    assert await listed(STAFF_ASKS, sort="amount", order="asc") == sorted(
        [str(adas.id), str(bobs.id)]
    )


async def test_a_list_is_walked_by_cursor(world: World, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await keep(world, a_payment())
    query = {"limit": "2"}
    first = (await client.get("/api/v1/payments", headers=ADA_ASKS, params=query)).json()
    rest = await client.get(
        "/api/v1/payments", headers=ADA_ASKS, params={**query, "cursor": first["next_cursor"]}
    )
    assert (len(first["items"]), len(rest.json()["items"])) == (2, 1)
    assert rest.json()["next_cursor"] is None

    edited = forged(first["next_cursor"], key=datetime, row=UUID)
    strange = [({"cursor": cursor}, "cursor-invalid") for cursor in ("nonsense", *edited)]
    both = [
        ({"cursor": first["next_cursor"], "offset": offset}, "cursor-with-offset")
        for offset in ("0", "1")
    ]
    for wrong, code in (*strange, *both):
        refused = await client.get("/api/v1/payments", headers=ADA_ASKS, params=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_caller_who_is_nobody_has_no_payments(world: World) -> None:
    await keep(world, a_payment())
    page = await FindPayments(world.transact).page(
        Caller(roles=frozenset({Role.ORDER})), PaymentQuery()
    )
    assert (page.total, list(page.items)) == (0, [])


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1.0", "status=paid", "order_id=1", "sort=id", "created_from=%2B"]
)
async def test_what_cannot_be_asked_is_422(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/v1/payments?{query}", headers=ADA_ASKS)).status_code == 422


async def test_staff_pay_back_and_the_customer_sees_it(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    url = f"/api/v1/payments/{payment.id}/refunds"
    made = await client.post(url, headers=as_staff(), json=dollars(1000, reason="a torn cover"))
    assert made.status_code == 201
    refund = made.json()
    assert (refund["status"], refund["reason"]) == ("refunded", "a torn cover")
    assert refund["amount"] == {"amount": 1000, "currency": "USD"}

    again = await client.post(url, headers=as_staff(), json=dollars(1000, reason="a torn cover"))
    assert (again.status_code, again.content) == (201, made.content)
    assert made.headers["Location"] == f"{url}/{refund['id']}"
    shown = await client.get(made.headers["Location"], headers=ADA_ASKS)
    listed = await client.get(url, headers=ADA_ASKS)
    assert shown.json() == refund
    assert listed.json() == {"total": 1, "items": [refund]}
    other = await keep(world, a_captured_payment())
    for wrong in (f"{url}/{uuid7()}", f"/api/v1/payments/{other.id}/refunds/{refund['id']}"):
        missing = await client.get(wrong, headers=ADA_ASKS)
        assert (missing.status_code, missing.json()["code"]) == (404, "refund-not-found")


async def test_a_refund_that_is_not_answered_is_202_and_then_201(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    url = f"/api/v1/payments/{payment.id}/refunds"
    world.network.lose = ["refund"] * 3
    first = await client.post(url, headers=as_staff(), json=dollars(1000))
    second = await client.post(url, headers=as_staff(), json=dollars(1000))
    assert (first.status_code, first.json()["status"]) == (202, "started")
    assert (second.status_code, second.json()["status"]) == (201, "refunded")
    assert list(world.network.refunds.values()) == [1000]


async def test_what_was_settled_outside_is_shown_and_not_paid_back(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    url = f"/api/v1/payments/{payment.id}"
    await client.post(f"{url}/refunds", headers=as_staff(), json=dollars(1000))
    await SettleOutside(world.transact, world.clock)(payment.order_id)

    shown = (await client.get(url, headers=ADA_ASKS)).json()
    refused = await client.post(f"{url}/refunds", headers=as_staff("other"), json=dollars(1))

    assert (shown["status"], shown["reason"]) == ("refunded", "settled-outside")
    assert shown["settled_amount"] == {"amount": 2999, "currency": "USD"}
    assert shown["refunded_amount"] == {"amount": 1000, "currency": "USD"}
    assert (refused.status_code, refused.json()["code"]) == (409, "refund-exceeds-capture")
    assert list(world.network.refunds.values()) == [1000]


async def test_what_is_wrong_with_a_refund_has_its_own_answer(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    held = await keep(world, a_payment())
    url = f"/api/v1/payments/{payment.id}/refunds"

    async def refused(
        body: dict[str, Any], *, at: str = url, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        answer = await client.post(at, headers=headers or as_staff("other"), json=body)
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status_code, answer.json()["code"]

    held_url = f"/api/v1/payments/{held.id}/refunds"
    nowhere = f"/api/v1/payments/{uuid7()}/refunds"
    assert await refused(dollars(4000)) == (409, "refund-exceeds-capture")
    assert await refused(dollars(1), at=held_url) == (409, "payment-not-captured")
    assert await refused(dollars(1), at=nowhere) == (404, "payment-not-found")
    assert await refused(dollars(0)) == (422, "invalid")
    assert await refused({"amount": {"amount": 1, "currency": "XXX"}}) == (
        422,
        "unknown-currency",
    )
    assert await refused({"amount": {"amount": 1, "currency": "EUR"}}) == (409, "refund-currency")
    assert await refused(dollars(1), headers=STAFF_ASKS) == (400, "idempotency-key-required")
    assert await refused(dollars(1), headers={**ADA_ASKS, "Idempotency-Key": "k"}) == (
        403,
        "role-missing",
    )
    assert (await client.post(url, headers=as_staff(), json=dollars(1))).status_code == 201
    assert await refused(dollars(2), headers=as_staff()) == (422, "idempotency-key-reused")
    assert world.network.taken == 3998


async def test_a_card_number_is_refused_and_kept_nowhere(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    url = f"/api/v1/payments/{payment.id}/refunds"
    for headers, body in (
        (as_staff(), dollars(1, reason=f"card {CARD}")),
        (as_staff(CARD.replace(" ", "-")), dollars(1)),
        (as_staff() | {"user-agent": CARD}, dollars(1)),
        (as_staff() | {"cookie": f"card={CARD}"}, dollars(1)),
    ):
        answer = await client.post(url, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "card-number")
        assert CARD not in answer.text
    assert (await client.get(url, headers=STAFF_ASKS)).json()["total"] == 0


# --- webhooks


def event(payment: Payment, event_id: str = "evt_1", kind: str = "captured") -> bytes:
    document = {
        "id": event_id,
        "type": kind,
        "payment_id": str(payment.id),
        **dollars(payment.amount.amount),
        "created_at": "2026-11-25T12:00:00Z",
    }
    return json.dumps(document).encode()


async def send(
    client: httpx.AsyncClient, body: bytes, signature: str | None
) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json"}
    if signature is not None:
        headers["Webhook-Signature"] = signature
    answer = await client.post("/api/v1/payments/webhooks", content=body, headers=headers)
    return answer.status_code, answer.json()


async def test_a_captured_event_three_times_at_once_is_three_times_200_and_one_effect(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = a_payment()
    payment.authorise(NOW)
    await keep(world, payment)
    body = event(payment)
    answers = await asyncio.gather(*(send(client, body, sign(SECRET, body, NOW)) for _ in "123"))
    assert [status for status, _ in answers] == [200, 200, 200]
    assert sorted(receipt["effect"] for _, receipt in answers) == ["applied", "none", "none"]
    shown = await client.get(f"/api/v1/payments/{payment.id}", headers=ADA_ASKS)
    assert (shown.json()["status"], shown.json()["version"]) == ("captured", 2)


async def test_after_a_full_refund_a_captured_event_changes_nothing(
    world: World, client: httpx.AsyncClient
) -> None:
    payment = await keep(world, a_captured_payment())
    url = f"/api/v1/payments/{payment.id}"
    assert (
        await client.post(f"{url}/refunds", headers=as_staff(), json=dollars(3999))
    ).status_code == 201
    body = event(payment)
    status, receipt = await send(client, body, sign(SECRET, body, NOW))
    assert (status, receipt["effect"]) == (200, "none")
    shown = (await client.get(url, headers=ADA_ASKS)).json()
    assert (shown["status"], shown["refunded_amount"]["amount"]) == ("refunded", 3999)


async def test_forged_and_stale_webhooks_are_401(world: World, client: httpx.AsyncClient) -> None:
    payment = a_payment()
    payment.authorise(NOW)
    await keep(world, payment)
    body = event(payment)
    good = sign(SECRET, body, NOW)
    for wrong in (
        None,
        "",
        "nonsense",
        sign("another secret", body, NOW),
        sign(SECRET, body + b" ", NOW),
        sign(SECRET, body, NOW - timedelta(seconds=301)),
        sign(SECRET, body, NOW + timedelta(seconds=301)),
        good.replace("t=1", "t=2", 1),
        good.upper(),
    ):
        status, problem = await send(client, body, wrong)
        assert (status, problem["code"]) == (401, "webhook-signature"), wrong
    for age in (-300, 300):
        at = NOW + timedelta(seconds=age)
        assert (await send(client, body, sign(SECRET, body, at)))[0] == 200


async def test_a_refused_webhook_is_told_what_would_help(client: httpx.AsyncClient) -> None:
    body = event(a_payment())
    signature = sign(SECRET, body, NOW + timedelta(seconds=301))
    headers = {"webhook-signature": signature, "content-type": "application/json"}
    answer = await client.post("/api/v1/payments/webhooks", content=body, headers=headers)
    assert answer.headers["www-authenticate"] == "Webhook-Signature"
    assert answer.json()["detail"] == "the signature is more than 300 seconds in the future"


def test_a_signature_is_the_hmac_of_the_time_a_dot_and_the_body() -> None:
    digest = hmac.new(SECRET.encode(), b'1764072000.{"id":1}', "sha256").hexdigest()
    at = datetime(2025, 11, 25, 12, tzinfo=UTC)
    assert sign(SECRET, b'{"id":1}', at) == f"t=1764072000,v1={digest}"


async def test_without_a_secret_webhooks_are_off_and_the_log_says_why(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    service = wire(
        world.transact,
        world.transact,
        network=world.network,
        orders=world.orders,
        settings=Settings(),
        clock=world.clock,
    )
    app = application(service.operations, authenticator=KnownCallers({}))
    body = event(a_payment())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://store"
    ) as client:
        for signature in (None, sign("", body, NOW), sign(SECRET, body, NOW)):
            status, problem = await send(client, body, signature)
            assert (status, problem["code"]) == (503, "webhooks-off")

    assert "there is no WEBHOOK_SECRET" in caplog.text


async def test_an_event_about_nothing_we_know_is_202(client: httpx.AsyncClient) -> None:
    body = event(a_payment())
    status, receipt = await send(client, body, sign(SECRET, body, NOW))
    assert (status, receipt) == (202, {"id": "evt_1", "effect": "left"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "malformed")),
        (b"{}", (422, "invalid")),
        (event(a_payment(amount=usd(1)), kind="Captured!"), (422, "invalid")),
        (
            event(a_payment(amount=usd(1)), event_id="4242-4242-4242-4242"),
            (422, "card-number"),
        ),
    ],
)
async def test_a_signed_webhook_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, body: bytes, expected: tuple[int, str]
) -> None:
    status, problem = await send(client, body, sign(SECRET, body, NOW))
    assert (status, problem["code"]) == expected
