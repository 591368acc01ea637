"""An operation that says so refuses card numbers wherever they stand, and none is ever echoed."""

import pytest

from bookstore.kit.cards import CardNumberError
from bookstore.kit.http import Application, application, refusing_card_numbers
from bookstore.kit.http.card_numbers import check_document
from libs.kit.tests.http.shop import CALLERS, KEY, Shop, client, operations

CARD = "4242 4242 4242 4242"
TITLE = {"title": "x"}


def strict_shop() -> Application:
    return application(refusing_card_numbers(operations(Shop())), authenticator=CALLERS)


@pytest.mark.parametrize(
    ("headers", "body", "pointer"),
    [
        ({"user-agent": f"curl {CARD}"}, TITLE, "User-Agent"),
        ({"cookie": "theme=4242424242424242"}, TITLE, "Cookie"),
        ({"referer": "/pay?card=4242-4242-4242-4242"}, TITLE, "Referer"),
        ({"x-request-id": "4242424242424242"}, TITLE, "X-Request-Id"),
        ({"idempotency-key": "4242424242424242"}, TITLE, "Idempotency-Key"),
        ({"prefer": "wait=4242424242424242"}, TITLE, "Prefer"),
        ({"x-4242424242424242": "x"}, TITLE, "X-…"),
        ({}, {"title": CARD}, "/title"),
        ({}, {"title": "x", "lines": [{"note": CARD}]}, "/lines/0/note"),
        ({}, {"title": "4242\u00a04242\u00a04242\u00a04242"}, "/title"),
        ({}, {"4242424242424242": "x"}, "/…"),
        ({}, {"what/ever": {"is": [CARD]}}, "/what~1ever/is/0"),
    ],
)
async def test_it_is_refused_and_not_echoed(
    headers: dict[str, str], body: object, pointer: str
) -> None:
    async with client(strict_shop(), "ada") as http:
        answer = await http.post("/orders", headers=KEY | headers, json=body)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "card-number")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, "card-number")]
    assert "42424242" not in answer.text.replace(" ", "").replace("-", "")


async def test_headers_are_read_as_utf_8() -> None:
    card = "\uff14242 4242 4242 4242".encode()
    async with client(strict_shop()) as http:
        answer = await http.get("/things", headers={b"x-card": card})

    assert (answer.status_code, answer.json()["code"]) == (422, "card-number")


async def test_a_read_with_one_in_a_header_is_refused_too() -> None:
    async with client(strict_shop()) as http:
        answer = await http.get("/things", headers={"cookie": f"card={CARD}"})

    assert (answer.status_code, answer.json()["code"]) == (422, "card-number")


async def test_what_machines_made_is_no_card_number() -> None:
    headers = {
        "traceparent": "00-a4242424242424242bcdefabcdefabcd-4242424242424242-01",
        "x-datadog-trace-id": "4242424242424242",
        "idempotency-key": "a4242424242424242bcdefabcdefabcd",
    }
    async with client(strict_shop(), "ada") as http:
        answer = await http.post("/orders", headers=headers, json=TITLE)

    assert answer.status_code == 409, answer.text


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {"title": CARD}),
        ({}, {"title": "x", "lines": [{"note": CARD}]}),
        ({"idempotency-key": "4242424242424242"}, TITLE),
    ],
)
async def test_what_would_be_kept_is_refused_by_every_operation(
    headers: dict[str, str], body: object
) -> None:
    async with client(application(operations(Shop()), authenticator=CALLERS), "ada") as http:
        answer = await http.post("/orders", headers=KEY | headers, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "card-number")


def test_a_telephone_number_may_look_like_one() -> None:
    check_document({"phone": "+49 151 1234 5675", "title": "x"})
    with pytest.raises(CardNumberError):
        check_document({"phone_of_another": CARD})


async def test_other_operations_do_not_care_for_headers() -> None:
    async with client(application(operations(Shop()), authenticator=CALLERS), "ada") as http:
        answer = await http.post("/orders", headers=KEY | {"x-card": CARD}, json=TITLE)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    "body",
    [{"4242424242424242": 1}, {"title": "x", "lines": [{"4242 4242 4242 4242": 1}]}],
)
async def test_no_problem_echoes_one(body: object) -> None:
    async with client(application(operations(Shop()), authenticator=CALLERS), "ada") as http:
        answers = [
            await http.post("/orders", headers=KEY, json=body),
            await http.post("/orders?4242424242424242=1", headers=KEY, json=TITLE),
        ]

    for answer in answers:
        assert "42424242" not in answer.text.replace(" ", "").replace("-", "")
        assert "…" in answer.text
