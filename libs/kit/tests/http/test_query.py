"""Query parameters: outside their schema, repeated or unknown is 422; unreadable is 400."""

from datetime import UTC, datetime
from typing import Any

import pytest

from libs.kit.tests.http.shop import KEY, ListThingsQuery, Shop, client, open_shop


async def ask(query: str) -> tuple[int, dict[str, Any], Shop]:
    """Ask the public list, which ignores names it does not know."""
    shop = Shop()
    async with client(open_shop(shop)) as http:
        response = await http.get(f"/things?{query}")
    return response.status_code, response.json() if response.is_error else {}, shop


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ListThingsQuery()),
        ("limit=20&title=caf%C3%A9", ListThingsQuery(limit=20, title="café")),
        ("title=%20cafe%CC%81+", ListThingsQuery(title="café")),
        ("title=한글", ListThingsQuery(title="한글")),
        ("author_ids[]=1&author_ids%5B%5D=2", ListThingsQuery(author_ids=[1, 2])),
        ("available=true", ListThingsQuery(available=True)),
        ("utm_source=x&utm_source=y&author_ids=1", ListThingsQuery()),
        (
            "created_from=2026-01-01T09:00:00%2B09:00",
            ListThingsQuery(created_from=datetime(2026, 1, 1, tzinfo=UTC)),
        ),
    ],
)
async def test_what_is_asked_arrives(query: str, expected: ListThingsQuery) -> None:
    status, _, shop = await ask(query)
    assert (status, shop.asked[1:]) == (200, [expected])


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "limit", "range"),
        ("limit=101", "limit", "range"),
        ("limit=", "limit", "format"),
        ("limit=1.0", "limit", "format"),
        ("limit=1e1", "limit", "format"),
        ("limit=null", "limit", "format"),
        ("limit=1&limit=1", "limit", "repeated"),
        ("limit=x&limit=1", "limit", "format"),
        ("title=%20", "title", "blank"),
        ("title=%E2%80%8B", "title", "blank"),
        ("title=%E2%A0%80", "title", "blank"),
        ("title=%E3%85%A4", "title", "blank"),
        ("title=a%00b", "title", "control-character"),
        ("title=a%C2%85b", "title", "control-character"),
        ("title=a%E2%80%A8b", "title", "control-character"),
        ("title=" + "x" * 21, "title", "length"),
        ("available=1", "available", "format"),
        ("author_ids[]=0", "author_ids[]", "range"),
        ("author_ids[]=a", "author_ids[]", "format"),
        ("author_ids[]=1&author_ids[]=2&author_ids[]=3&author_ids[]=4", "author_ids[]", "length"),
        ("created_from=2026-01-01T09:00:00+09:00", "created_from", "format"),
        ("created_from=2026-01-01", "created_from", "format"),
        ("owner=0190A5D0-AC96-774B-8CCE-B302099A8057", "owner", "format"),
    ],
)
async def test_a_value_outside_its_schema_is_422(query: str, pointer: str, code: str) -> None:
    status, problem, shop = await ask(query)
    assert (status, shop.asked) == (422, [])
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)


@pytest.mark.parametrize(
    "query", ["title=%FF", "title=%ED%A0%80", "%C3=1", "&".join("x=1" for _ in range(2001))]
)
async def test_what_cannot_be_read_is_400(query: str) -> None:
    status, problem, _ = await ask(query)
    assert (status, problem["code"]) == (400, "malformed")


async def test_only_public_reads_ignore_unknown_names() -> None:
    async with client(open_shop(), "ada") as http:
        write = await http.post("/orders?utm_source=x", json={"title": "x"}, headers=KEY)
        read = await http.get("/orders/00000000-0000-0000-0000-000000000001?utm_source=x")
    for response in (write, read):
        assert response.status_code == 422
        assert response.json()["errors"][0] | {"message": ""} == {
            "pointer": "utm_source",
            "code": "unknown",
            "message": "",
            "available": None,
        }
