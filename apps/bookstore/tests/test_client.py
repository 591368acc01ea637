"""Commands see the store through its REST API, and every failure as a sentence."""

import socket
from collections.abc import Callable

import httpx
import pytest

from bookstore.cli.client import Client, RefusedError, staff
from bookstore.cli.terminal import CommandError
from bookstore.identity.application.staff import DEFAULT_EMAIL

Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer) -> Client:
    return Client("http://store.example/", httpx.MockTransport(answer))


def test_signing_in_sends_the_token_from_then_on() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={"access_token": "abc"})

    with client_of(answer) as client:
        client.sign_in("ann@example.com", "secret phrase")
        client.get("/api/v1/orders")

    assert seen == [None, "Bearer abc"]


def test_a_refusal_carries_the_problem() -> None:
    problem = {"code": "email-taken", "detail": "there is an account with this address"}

    with (
        client_of(lambda _: httpx.Response(409, json=problem)) as client,
        pytest.raises(RefusedError, match="409 email-taken") as refusal,
    ):
        client.sign_up("ann@example.com", "secret phrase", "Ann", "Reader")

    assert (refusal.value.status, refusal.value.code) == (409, "email-taken")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_a_refusal_that_is_no_problem_document_is_told_all_the_same(body: bytes) -> None:
    with (
        client_of(lambda _: httpx.Response(502, content=body)) as client,
        pytest.raises(RefusedError, match="Bad Gateway"),
    ):
        client.get("/readyz")


def test_a_busy_store_is_asked_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)

    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"Retry-After": "2"}, json={"code": "storage-full"})

    with client_of(busy) as client, pytest.raises(RefusedError, match="storage-full"):
        client.get("/api/v1/books")

    assert pauses == [2, 2, 2, 2]


def test_an_order_says_what_it_costs_nobody_and_has_a_key() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={})

    with client_of(answer) as client:
        client.order({7: 2}, "tok_visa", "my key")
        client.order({7: 2}, "tok_visa")

    assert seen[0].headers["Idempotency-Key"] == "my key"
    assert len(seen[1].headers["Idempotency-Key"]) == 32
    assert b'"order_items":[{"book_id":7,"quantity":2}]' in seen[0].content


def test_nobody_at_the_address_is_one_sentence() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with Client(url) as client, pytest.raises(CommandError, match="start one with"):
            client.get("/readyz")


def test_an_address_that_is_none_is_one_sentence() -> None:
    with Client("nonsense") as client, pytest.raises(CommandError, match="--url"):
        client.get("/readyz")


def test_staff_commands_say_which_account_they_need() -> None:
    with pytest.raises(CommandError, match="BOOKSTORE_STAFF_PASSWORD, and BOOKSTORE_STAFF_EMAIL"):
        staff("http://store.example", "ann@store.example", None)


def test_staff_commands_sign_in_with_the_account_of_a_first_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(Client, "sign_in", lambda _self, *who: asked.append(who))

    staff("http://store.example", None, "x").close()

    assert asked == [(DEFAULT_EMAIL, "x")]
