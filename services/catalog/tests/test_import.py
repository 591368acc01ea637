"""Importing feeds: what is loaded, what is reported, and what a repetition changes."""

from typing import Any

import pytest
from httpx import AsyncClient

from bookstore.catalog.application.ports import Figures
from bookstore.catalog.domain.book import BookId
from services.catalog.tests.conftest import CUSTOMER, Shop

CSV = {"content-type": "text/csv"}
FEED = """book_id,isbn,authors,title,category
1,439023483,Suzanne Collins,"The Hunger Games (The Hunger Games, #1)",Fiction
2,439554934,"J.K. Rowling, Mary GrandPré",Harry Potter,Wizardry
7,0439023484,Nobody,Wrong,
8,,J.K. ROWLING,No ISBN,
"""


async def load(client: AsyncClient, content: str | bytes, query: str = "") -> dict[str, Any]:
    body = content.encode() if isinstance(content, str) else content
    answer = await client.post(f"/api/v1/books/import?feed=shop{query}", content=body, headers=CSV)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return (
        report["received"],
        report["created"],
        report["unchanged"],
        report["refused"],
        report["stocked"],
    )


async def test_a_feed_is_loaded_and_its_broken_rows_are_reported(
    client: AsyncClient, shop: Shop
) -> None:
    report = await load(client, FEED)

    assert counts(report) == (4, 3, 0, 1, 3)
    assert report["refusals"] == [
        {
            "line": 4,
            "book_id": "7",
            "code": "isbn-invalid",
            "reason": "0439023484 is not an ISBN: its check digit is wrong",
        }
    ]
    assert [(note["line"], note["code"]) for note in report["notes"]] == [(3, "category-unknown")]
    book = (await client.get("/api/v1/books/1")).json()
    assert (book["isbn"], book["quantity"]) == ("9780439023481", 10)
    assert book["category"] == {"id": 8, "name": "Fiction"}
    assert (await client.get("/api/v1/authors")).json()["total"] == 3
    by_rowling = (await client.get("/api/v1/books?author_ids[]=2")).json()
    assert [book["title"] for book in by_rowling["items"]] == ["No ISBN", "Harry Potter"]
    assert len(shop.stockroom.shelves) == 3


async def test_a_repeated_import_changes_nothing_and_refills_no_stock(
    client: AsyncClient, shop: Shop
) -> None:
    await load(client, FEED)
    shop.stockroom.shelves[BookId(1)] = Figures(1, 0)
    before = (await client.get("/api/v1/books?limit=100")).json()

    report = await load(client, FEED.replace("Harry Potter", "Renamed"), "&copies=50")

    assert counts(report) == (4, 0, 3, 1, 0)
    assert (await client.get("/api/v1/books?limit=100")).json() == before


async def test_what_was_cut_short_before_stocking_is_finished_by_repeating_it(
    client: AsyncClient, shop: Shop
) -> None:
    shop.stockroom.is_shut = True
    cut = await client.post("/api/v1/books/import?feed=shop", content=FEED, headers=CSV)
    shop.stockroom.is_shut = False

    assert cut.status_code == 503
    assert counts(await load(client, FEED)) == (4, 0, 3, 1, 3)


async def test_a_row_whose_isbn_we_sell_becomes_that_book(client: AsyncClient) -> None:
    price = {"amount": 1, "currency": "USD"}
    ours = {"title": "Ours", "isbn": "9780439023481", "price": price}
    await client.post("/api/v1/books", json=ours)

    first = await load(client, FEED)
    again = await load(client, FEED)

    assert (counts(first), counts(again)) == ((4, 2, 1, 1, 3), (4, 0, 3, 1, 0))
    assert (await client.get("/api/v1/books/1")).json()["title"] == "Ours"


async def test_an_isbn_in_two_rows_of_a_feed_is_refused_the_second_time(
    client: AsyncClient,
) -> None:
    twins = "book_id,title,isbn\n1,A,439023483\n2,B,0439023483\n1,A,439023483\n"

    for expected in ((3, 1, 1, 1, 1), (3, 0, 2, 1, 0)):
        report = await load(client, twins)
        assert counts(report) == expected
        assert [(r["line"], r["code"]) for r in report["refusals"]] == [(3, "isbn-taken")]


async def test_a_second_row_of_a_book_that_says_something_else_is_refused(
    client: AsyncClient,
) -> None:
    rows = "book_id,title\n1,A\n1,B\n1,A\n"

    for created in (1, 0):
        report = await load(client, rows)
        assert counts(report) == (3, created, 2 - created, 1, created)
        (refusal,) = report["refusals"]
        assert (refusal["line"], refusal["code"]) == (3, "duplicate-row")
        assert refusal["reason"] == "line 2 has this book_id, and says something else"


async def test_a_row_in_another_part_that_says_something_else_is_noted(
    client: AsyncClient,
) -> None:
    await load(client, "book_id,title\n1,A\n")

    report = await load(client, "book_id,title\n1,B\n", "&first_line=1001")

    assert counts(report)[1:4] == (0, 1, 0)
    (note,) = report["notes"]
    assert (note["line"], note["code"]) == (1001, "other-title")
    assert note["reason"] == "we have it as 'A': it stays so"


async def test_a_repeated_import_tells_the_same(client: AsyncClient) -> None:
    ours = {"title": "Ours", "isbn": "9780439023481", "price": {"amount": 1, "currency": "USD"}}
    await client.post("/api/v1/books", json=ours)

    first, again = [await load(client, FEED) for _ in range(2)]

    assert [note["code"] for note in first["notes"]] == ["other-title", "category-unknown"]
    assert (again["notes"], again["refusals"]) == (first["notes"], first["refusals"])


async def test_a_book_that_staff_retired_stays_retired(client: AsyncClient, shop: Shop) -> None:
    await load(client, FEED, "&copies=0")
    await client.delete("/api/v1/books/1")

    report = await load(client, FEED)

    assert counts(report) == (4, 0, 3, 1, 2)
    assert (await client.get("/api/v1/books/1")).status_code == 404
    assert BookId(1) not in shop.stockroom.shelves


async def test_lines_are_the_files_even_in_a_part_of_it(client: AsyncClient) -> None:
    part = 'title,book_id\r\n"Two\r\nlines",1\r\n\r\n,2\r\n"stray,3\r\nfine,4\r\nx,y,z\r\n'

    report = await load(client, part, "&first_line=1001")

    assert counts(report) == (5, 2, 0, 3, 2)
    assert [(r["line"], r["book_id"], r["code"]) for r in report["refusals"]] == [
        (1004, "2", "title-missing"),
        (1005, "3", "row-malformed"),
        (1007, "y", "row-malformed"),
    ]


async def test_a_byte_order_mark_is_passed_over(client: AsyncClient) -> None:
    assert counts(await load(client, "\ufeffbook_id,title\n1,A")) == (1, 1, 0, 0, 1)


async def test_many_rows_are_loaded_in_batches(client: AsyncClient) -> None:
    rows = "".join(f"{n},Book {n}\n" for n in range(2500))

    assert counts(await load(client, f"book_id,title\n{rows}")) == (2500, 2500, 0, 0, 2500)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("book_id;title\n1;A\n", "feed-header"),
        ("title\nA\n", "feed-header"),
        ("\n", "feed-header"),
        ("book_id,title\n1,Caf\u00e9\n".encode("latin-1"), "feed-encoding"),
        ("book_id,title\n1,A\n".encode("utf-16"), "feed-encoding"),
    ],
)
async def test_of_a_file_that_cannot_be_read_nothing_is_loaded(
    client: AsyncClient, content: str | bytes, code: str
) -> None:
    answer = await client.post("/api/v1/books/import?feed=shop", content=content, headers=CSV)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await client.get("/api/v1/books")).json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("feed=Shop", 422),
        ("feed=shop&currency=XXX", 422),
        ("feed=shop&first_line=1", 422),
        ("feed=shop&copies=-1", 422),
        ("feed=shop&colour=red", 422),
    ],
)
async def test_an_import_that_makes_no_sense_is_refused(
    client: AsyncClient, query: str, status: int
) -> None:
    answer = await client.post(f"/api/v1/books/import?{query}", content=FEED, headers=CSV)

    assert answer.status_code == status


async def test_only_staff_import_and_only_csv(client: AsyncClient) -> None:
    url = "/api/v1/books/import?feed=shop"

    assert (await client.post(url, content=FEED, headers=CSV | CUSTOMER)).status_code == 403
    assert (await client.post(url, json={})).status_code == 415
    charset = {"content-type": "text/csv; charset=utf-8"}
    assert (await client.post(url, content=FEED, headers=charset)).status_code == 200
