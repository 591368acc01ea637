"""Bodies: counted on the bytes that arrive, and of the documented type."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bookstore.kit.http import body
from bookstore.kit.http.body import read_body
from bookstore.kit.http.failures import TooLargeError, TooSlowError
from libs.kit.tests.http.shop import Shop, SignOutCookie, client, open_shop

CSV = {"content-type": "text/csv"}


class Pour:
    """A client that sends chunk after chunk, and counts what was taken."""

    def __init__(self, chunk: bytes, times: int) -> None:
        self.chunk, self.times, self.taken = chunk, times, 0

    async def receive(self) -> dict[str, object]:
        self.taken += len(self.chunk)
        self.times -= 1
        return {"type": "http.request", "body": self.chunk, "more_body": self.times > 0}


async def test_a_chunked_body_has_no_way_around_the_limit() -> None:
    pour = Pour(b"x" * 1024 * 1024, 64)
    with pytest.raises(TooLargeError):
        await read_body({}, pour.receive, 1024 * 1024)
    assert pour.taken <= 2 * 1024 * 1024


async def test_a_length_beyond_the_limit_is_refused_unread() -> None:
    pour = Pour(b"x", 1)
    with pytest.raises(TooLargeError):
        await read_body({b"content-length": b"1001"}, pour.receive, 1000)
    assert pour.taken == 0


async def test_a_small_chunked_body_is_fine() -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        yield b"a,b\n"
        yield b"1,2\n"

    async with client(open_shop(), "staff") as http:
        response = await http.post("/things/import", content=chunks(), headers=CSV)
    assert response.json() == 8


async def test_too_large_closes_the_connection() -> None:
    async with client(open_shop(), "staff") as http:
        response = await http.post("/things/import", content=b"x" * 2001, headers=CSV)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


async def test_a_length_that_lies_is_no_way_around_the_limit() -> None:
    pour = Pour(b"x" * 600, 4)
    with pytest.raises(TooLargeError):
        await read_body({b"content-length": b"10"}, pour.receive, 1000)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"content-type": "application/json"}, 415),
        ({"content-type": "text/csv; charset=latin-1"}, 415),
        ({"content-type": "text/csv", "content-encoding": "gzip"}, 415),
        ({"content-type": "text/csv"}, 200),
        ({"content-type": "Text/CSV; header=present; charset=UTF-8"}, 200),
        ({"content-type": "text/csv", "content-encoding": "identity"}, 200),
    ],
)
async def test_only_the_documented_type_is_taken(headers: dict[str, str], status: int) -> None:
    async with client(open_shop(), "staff") as http:
        response = await http.post("/things/import", content=b"x", headers=headers)
    assert response.status_code == status


async def test_no_body_where_one_is_needed_is_malformed() -> None:
    async with client(open_shop(), "staff") as http:
        response = await http.post("/things/import", headers=CSV)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


async def test_cookies_are_read_among_others() -> None:
    shop = Shop()
    async with client(open_shop(shop)) as http:
        cookies = {"cookie": "theme=dark; refresh_token=abc=="}
        fine = await http.post("/signout", headers=cookies)
        long = await http.post("/signout", headers={"cookie": f"refresh_token={'x' * 21}"})
    assert (fine.status_code, fine.content, shop.asked) == (
        204,
        b"",
        [SignOutCookie(refresh_token="abc==")],
    )
    assert long.status_code == 400


async def test_a_body_that_does_not_come_is_not_waited_for_forever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(body, "PATIENCE", 0.01)
    with pytest.raises(TooSlowError):
        await body.read_body({}, never, 10)


async def test_a_client_that_hangs_up_is_told_nothing() -> None:
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    headers = [(b"content-type", b"text/csv"), (b"authorization", b"Bearer staff")]
    scope = {"type": "http", "method": "POST", "path": "/things/import", "query_string": b""}
    await open_shop()({**scope, "headers": headers}, receive, send)
    assert sent == []
