"""Authors, publishers and categories over HTTP."""

from typing import Any

import pytest
from httpx import AsyncClient

AUTHOR = {"name": "Ursula K. Le Guin"}
PUBLISHER = {"name": "Ace", "address": "New York"}
KINDS = [("/api/v1/authors", AUTHOR, "author"), ("/api/v1/publishers", PUBLISHER, "publisher")]
HISTORY = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}

kinds = pytest.mark.parametrize(("path", "new", "noun"), KINDS)


@kinds
async def test_what_is_added_is_where_it_says(
    client: AsyncClient, path: str, new: dict[str, Any], noun: str
) -> None:
    added = await client.post(path, json=new)
    found = await client.get(added.headers["location"])

    assert (added.status_code, added.headers["location"]) == (201, f"{path}/1")
    assert found.json() == added.json() == {"id": 1, **new, **HISTORY}
    assert found.headers["etag"] == added.headers["etag"] == '"1"'
    assert found.headers["cache-control"] == "public, no-cache"
    missing = await client.get(f"{path}/2")
    assert (missing.status_code, missing.json()["code"]) == (404, f"{noun}-not-found")


@kinds
async def test_a_change_says_what_it_has_seen(
    client: AsyncClient, path: str, new: dict[str, Any], noun: str
) -> None:
    await client.post(path, json=new)
    changed = new | {"name": f"Another {noun}"}

    assert (await client.put(f"{path}/1", json=changed)).status_code == 428
    first = await client.put(f"{path}/1", json=changed, headers={"if-match": '"1"'})
    second = await client.put(f"{path}/1", json=new, headers={"if-match": '"1"'})

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert second.status_code == 412
    assert (await client.get(f"{path}/1")).json()["name"] == f"Another {noun}"
    seen = await client.get(f"{path}/1", headers={"if-none-match": '"2"'})
    assert seen.status_code == 304


@kinds
async def test_a_list_is_filtered_by_a_part_of_the_name(
    client: AsyncClient, path: str, new: dict[str, Any], noun: str
) -> None:
    for name in ("Éditions", "edition", f"No {noun}"):
        await client.post(path, json=new | {"name": name})

    page = await client.get(f"{path}?name=ÉDITION&sort=name&order=asc")
    assert (page.json()["total"], page.json()["items"][0]["name"]) == (1, "Éditions")
    page = await client.get(f"{path}?limit=1&offset=1&utm_source=mail")
    assert (page.json()["total"], page.json()["items"][0]["id"]) == (3, 2)
    assert (await client.get(f"{path}?name=%20")).status_code == 422


@kinds
async def test_what_books_on_sale_name_is_in_use(
    client: AsyncClient, path: str, new: dict[str, Any], noun: str
) -> None:
    await client.post(path, json=new)
    reference: dict[str, Any] = {"author_ids": [1]} if noun == "author" else {"publisher_id": 1}
    price = {"amount": 1, "currency": "USD"}
    book = await client.post("/api/v1/books", json={"title": "B", "price": price} | reference)

    refused = await client.delete(f"{path}/1")
    assert (refused.status_code, refused.json()["code"]) == (409, "in-use")
    await client.delete(book.headers["location"])
    assert (await client.delete(f"{path}/1")).status_code == 204
    assert (await client.delete(f"{path}/1")).status_code == 404


async def test_authors_are_found_by_their_book(client: AsyncClient) -> None:
    for name in ("A", "B"):
        await client.post("/api/v1/authors", json={"name": name})
    body = {"title": "B", "price": {"amount": 1, "currency": "USD"}, "author_ids": [2]}
    await client.post("/api/v1/books", json=body)

    page = await client.get("/api/v1/authors?book_id=1")

    assert [author["name"] for author in page.json()["items"]] == ["B"]


async def test_all_categories_are_listed_by_id(client: AsyncClient) -> None:
    page = await client.get("/api/v1/categories")

    assert page.json()["total"] == len(page.json()["items"]) == 23
    assert page.json()["items"][0] == {"id": 1, "name": "Art"}
    assert page.headers["cache-control"] == "public, max-age=3600"
    seen = {"if-none-match": page.headers["etag"]}
    assert (await client.get("/api/v1/categories", headers=seen)).status_code == 304


async def test_categories_are_sorted_and_cut(client: AsyncClient) -> None:
    page = await client.get("/api/v1/categories?sort=name&order=desc&limit=2&offset=1")

    assert page.json() == {
        "total": 23,
        "items": [{"id": 16, "name": "Technology"}, {"id": 15, "name": "Sports"}],
    }
