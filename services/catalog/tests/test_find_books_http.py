"""Finding books over HTTP: filters, sorts and cursors."""

from datetime import datetime
from typing import Any

import pytest
from httpx import AsyncClient, Response
from tests.harness.cursors import forged

BOOK: dict[str, Any] = {
    "title": "Clean Code",
    "isbn": "9780132350884",
    "price": {"amount": 3999, "currency": "USD"},
    "description": "A handbook\nof agile software craftsmanship.",
    "category_id": 21,
    "publisher_id": 1,
    "author_ids": [1],
}
BOOKS = "/api/v1/books"


@pytest.fixture(autouse=True)
async def _references(client: AsyncClient) -> None:
    await client.post("/api/v1/authors", json={"name": "Robert C. Martin"})
    await client.post("/api/v1/publishers", json={"name": "Pearson", "address": "London"})


async def add(client: AsyncClient, **changes: Any) -> Response:
    return await client.post(BOOKS, json=BOOK | changes)


def fault(response: Response) -> tuple[int, str, str]:
    problem = response.json()
    pointer = problem["errors"][0]["pointer"] if problem["errors"] else ""
    return response.status_code, problem["code"], pointer


async def test_books_are_found_by_all_that_is_known_of_them(client: AsyncClient) -> None:
    await add(client)
    await add(client, title="Zine", isbn=None, author_ids=[], publisher_id=None, category_id=None)
    queries = (
        "title=CLEAN%20c",
        "publisher=pear",
        "author_ids[]=1",
        "author_ids[]=7&author_ids[]=1",
        "category_id=21",
        "isbn=9780132350884",
        "ids[]=1&ids[]=9",
        "sort=title&order=asc&limit=1",
        "limit=1&offset=1",
        "currency=USD&price_to=3999&title=clean",
    )

    for query in queries:
        page = (await client.get(f"{BOOKS}?{query}")).json()
        assert [book["id"] for book in page["items"]] == [1], query


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("title=%20", "title"),
        ("title=%E2%80%8B", "title"),
        ("publisher=", "publisher"),
        ("price_from=1", "currency"),
        ("isbn=123", "isbn"),
        ("sort=isbn", "sort"),
        ("order=up", "order"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=5&limit=6", "limit"),
        ("author_ids[]=x", "author_ids[]"),
        ("category_id=0", "category_id"),
        ("cursor=x", "cursor"),
    ],
)
async def test_a_query_that_makes_no_sense_is_422(
    client: AsyncClient, query: str, pointer: str
) -> None:
    answer = await client.get(f"{BOOKS}?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].split("/")[0] == pointer


async def test_a_walk_by_cursor_meets_each_book_once_while_others_come_in(
    client: AsyncClient,
) -> None:
    for number in range(23):
        await add(client, title=f"Book {number}", isbn=None)
    met: list[int] = []
    cursor = ""
    while True:
        page = (await client.get(f"{BOOKS}?limit=5{cursor}")).json()
        met += [book["id"] for book in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        await add(client, title="Meanwhile", isbn=None)

    assert met == list(range(23, 0, -1))


async def test_a_cursor_belongs_to_its_filters_and_sort(client: AsyncClient) -> None:
    for _ in range(2):
        await add(client, isbn=None)
    page = await client.get(f"{BOOKS}?limit=1")
    cursor = page.json()["next_cursor"]

    for query in ("title=code", "sort=title", "order=asc"):
        answer = await client.get(f"{BOOKS}?{query}&cursor={cursor}")
        assert fault(answer) == (422, "cursor-invalid", "cursor")
    for offset in (0, 1):
        both = await client.get(f"{BOOKS}?offset={offset}&cursor={cursor}")
        assert fault(both) == (422, "cursor-with-offset", "offset")
    assert (await client.get(f"{BOOKS}?limit=2&cursor={cursor}")).json()["total"] == 2
    for edited in forged(cursor, key=datetime, row=int):
        answer = await client.get(f"{BOOKS}?cursor={edited}")
        assert fault(answer) == (422, "cursor-invalid", "cursor"), edited


async def test_a_list_is_told_apart_by_its_etag(client: AsyncClient) -> None:
    await add(client)
    page = await client.get(BOOKS)

    seen = {"if-none-match": page.headers["etag"]}
    assert (await client.get(BOOKS, headers=seen)).status_code == 304
    await add(client, isbn=None)
    assert (await client.get(BOOKS, headers=seen)).status_code == 200
