"""Books over HTTP: what staff and customers get to see."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from bookstore.catalog.application.ports import Figures
from bookstore.catalog.domain.book import BookId
from services.catalog.tests.conftest import CUSTOMER, Shop

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


async def test_an_added_book_is_where_it_says_with_all_there_is_of_it(
    client: AsyncClient,
) -> None:
    added = await add(client)
    found = await client.get(added.headers["location"])

    assert (added.status_code, added.headers["location"]) == (201, "/api/v1/books/1")
    assert added.headers["etag"] == found.headers["etag"]
    assert (
        found.json()
        == added.json()
        == {
            "id": 1,
            "title": "Clean Code",
            "isbn": "9780132350884",
            "price": {"amount": 3999, "currency": "USD"},
            "description": "A handbook\nof agile software craftsmanship.",
            "category": {"id": 21, "name": "Coding Practices"},
            "publisher": {"id": 1, "name": "Pearson", "address": "London"},
            "authors": [{"id": 1, "name": "Robert C. Martin"}],
            "quantity": 0,
            "reserved_quantity": 0,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
    )


async def test_a_book_needs_no_more_than_a_title_and_a_price(client: AsyncClient) -> None:
    added = await client.post(
        BOOKS, json={"title": "Zine", "price": {"amount": 0, "currency": "KRW"}}
    )

    book = added.json()
    assert added.status_code == 201
    assert (book["isbn"], book["category"], book["publisher"]) == (None, None, None)
    assert (book["description"], book["authors"]) == (None, [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"isbn": "9780132350885"}, (422, "isbn-invalid", "/isbn")),
        ({"category_id": 24}, (422, "unknown-reference", "/category_id")),
        ({"publisher_id": 9}, (422, "unknown-reference", "/publisher_id")),
        ({"author_ids": [1, 1]}, (422, "author-repeated", "/author_ids/1")),
        ({"author_ids": [1, 9]}, (422, "unknown-reference", "/author_ids/1")),
        (
            {"price": {"amount": 1, "currency": "XXX"}},
            (422, "unknown-currency", "/price/currency"),
        ),
        ({"title": "ﷺ" * 100}, (422, "text-invalid", "/title")),
    ],
)
async def test_a_book_that_cannot_be_added_says_where(
    client: AsyncClient, changes: dict[str, Any], problem: tuple[int, str, str]
) -> None:
    assert fault(await add(client, **changes)) == problem


@pytest.mark.parametrize(
    "changes",
    [
        {"isbn": "9790132350884"},
        {"isbn": "0132350882"},
        {"isbn": "978-0132350884"},
        {"title": " "},
        {"title": "x" * 501},
        {"price": {"amount": 1_000_000_001, "currency": "USD"}},
        {"price": {"amount": -1, "currency": "USD"}},
        {"price": 3999},
        {"quantity": 5},
        {"id": 7},
        {"author_ids": [0]},
    ],
)
async def test_what_the_schema_forbids_is_422(
    client: AsyncClient, changes: dict[str, Any]
) -> None:
    assert (await add(client, **changes)).status_code == 422


async def test_an_isbn_is_taken_once(client: AsyncClient) -> None:
    await add(client)

    assert fault(await add(client)) == (409, "isbn-taken", "/isbn")


async def test_html_references_are_kept_as_they_come(client: AsyncClient) -> None:
    added = await add(client, title="Tom &amp; Jerry")

    assert added.json()["title"] == "Tom &amp; Jerry"


async def test_only_staff_keep_books(client: AsyncClient) -> None:
    assert (await client.post(BOOKS, json=BOOK, headers=CUSTOMER)).status_code == 403
    assert (await client.delete(f"{BOOKS}/1", headers=CUSTOMER)).status_code == 403
    nobody = {"authorization": ""}
    assert (await client.post(BOOKS, json=BOOK, headers=nobody)).status_code == 401
    assert (await client.get(BOOKS, headers=nobody)).status_code == 200


async def test_stock_figures_are_shown_and_change_the_etag(
    client: AsyncClient, shop: Shop
) -> None:
    added = await add(client)
    shop.stockroom.shelves[BookId(1)] = Figures(40, 2)

    found = await client.get(f"{BOOKS}/1")

    assert (found.json()["quantity"], found.json()["reserved_quantity"]) == (40, 2)
    assert found.headers["etag"] != added.headers["etag"]
    assert found.headers["etag"].startswith('"1.')


async def test_without_inventory_the_catalogue_goes_on(client: AsyncClient, shop: Shop) -> None:
    added = await add(client)
    shop.stockroom.is_shut = True

    found = await client.get(f"{BOOKS}/1")
    listed = await client.get(BOOKS)
    changed = await client.put(
        f"{BOOKS}/1", json=BOOK, headers={"if-match": added.headers["etag"]}
    )

    for answer in (found.json(), listed.json()["items"][0], changed.json()):
        assert (answer["quantity"], answer["reserved_quantity"]) == (None, None)


async def test_a_sale_refuses_no_edit(client: AsyncClient, shop: Shop) -> None:
    seen = (await add(client)).headers["etag"]
    shop.stockroom.shelves[BookId(1)] = Figures(40, 2)

    changed = await client.put(
        f"{BOOKS}/1", json=BOOK | {"title": "Cleaner Code"}, headers={"if-match": seen}
    )

    assert (changed.status_code, changed.json()["title"]) == (200, "Cleaner Code")
    assert changed.headers["etag"].startswith('"2.')
    assert (await client.get(f"{BOOKS}/1")).json() == changed.json()


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        (None, 428),
        ('"7.0123456789abcdef"', 412),
        ('W/"1.0123456789abcdef"', 412),
        ('"7", "1"', 200),
        ("*", 200),
    ],
)
async def test_an_edit_says_what_it_has_seen(
    client: AsyncClient, if_match: str | None, status: int
) -> None:
    await add(client)
    headers = {} if if_match is None else {"if-match": if_match}

    assert (await client.put(f"{BOOKS}/1", json=BOOK, headers=headers)).status_code == status


async def test_an_edit_of_nothing_is_404(client: AsyncClient) -> None:
    assert fault(await client.put(f"{BOOKS}/1", json=BOOK)) == (404, "book-not-found", "")


async def test_who_has_seen_a_book_is_told_that_it_is_the_same(client: AsyncClient) -> None:
    etag = (await add(client)).headers["etag"]

    for seen in (etag, f'"other", W/{etag}', "*"):
        same = await client.get(f"{BOOKS}/1", headers={"if-none-match": seen})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == etag
        assert same.headers["cache-control"] == "public, no-cache"
    other = await client.get(f"{BOOKS}/1", headers={"if-none-match": '"1"'})
    assert other.status_code == 200


async def test_a_renamed_author_changes_the_books_etag(client: AsyncClient) -> None:
    etag = (await add(client)).headers["etag"]
    await client.put("/api/v1/authors/1", json={"name": "Uncle Bob"}, headers={"if-match": "*"})

    found = await client.get(f"{BOOKS}/1", headers={"if-none-match": etag})

    assert found.status_code == 200
    assert found.json()["authors"] == [{"id": 1, "name": "Uncle Bob"}]


async def test_a_deleted_book_is_gone(client: AsyncClient) -> None:
    await add(client)

    assert (await client.delete(f"{BOOKS}/1")).status_code == 204
    assert (await client.get(f"{BOOKS}/1")).status_code == 404
    assert (await client.delete(f"{BOOKS}/1")).status_code == 404
    assert (await client.get(f"{BOOKS}?isbn=9780132350884")).json()["total"] == 0
    assert (await add(client)).headers["location"] == "/api/v1/books/2"


async def test_a_book_that_is_stocked_or_was_ordered_stays(
    client: AsyncClient, shop: Shop
) -> None:
    await add(client)
    shop.stockroom.shelves[BookId(1)] = Figures(0, 0)
    assert fault(await client.delete(f"{BOOKS}/1")) == (409, "in-use", "")

    shop.stockroom.shelves.clear()
    shop.sales.books.add(BookId(1))
    assert fault(await client.delete(f"{BOOKS}/1")) == (409, "in-use", "")

    shop.stockroom.is_shut = True
    assert (await client.delete(f"{BOOKS}/1")).status_code == 503
    assert (await client.get(f"{BOOKS}/1")).status_code == 200
