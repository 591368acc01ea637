"""`bookstore demo`: a newcomer's visit, and four ways in which a purchase can go."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape

from bookstore.cli.client import Client, staff
from bookstore.cli.terminal import (
    DEFAULT_URL,
    CommandError,
    StaffEmail,
    StaffPassword,
    Url,
    money,
    out,
)
from bookstore.cli.timeline import timeline

if TYPE_CHECKING:
    import httpx

MOST_COPIES: Final = 999  # of a book in one order
CLICKS: Final = 3
ONLY_COPY: Final = {
    "title": "The Only Copy",
    "isbn": "9780000000002",  # in form, and nobody's
    "price": {"amount": 1999, "currency": "USD"},
}
DIFFERENT_BOOKS: Final = 2  # one to buy, and one to buy out


def demo(
    url: Url = DEFAULT_URL,
    title: Annotated[str, typer.Option(help="Search for books with this in their title.")] = "the",
    email: StaffEmail = None,
    password: StaffPassword = None,
) -> None:
    """Sign up at a running store, find a book and buy it; then see how a purchase can fail.

    After the purchase come a declined card, a book of which there are too few, and a click that
    is repeated; of each you see what the saga did, step by step, and undid where it had to. With
    the staff account, the last copy of a book is sold too, and somebody comes too late for it.
    """
    with Client(url) as client:
        _sign_up(client)
        books = _search(client, title)
        plenty = max(books, key=_left)
        _buy(client, plenty)
        _declined(client, plenty)
        _too_few(client, min((book for book in books if book is not plenty), key=_left))
        if email and password:
            _sold_out(client, _shelve_one(url, email, password))
        _clicked_thrice(client, plenty)


def _sign_up(client: Client) -> None:
    _chapter("Sign up and sign in")
    email = f"reader-{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(12)
    user = client.sign_up(email, password, "Ada", "Reader")
    client.sign_in(email, password)
    out.print(f"{email} is user {user}")


def _search(client: Client, title: str) -> list[dict[str, Any]]:
    _chapter(f'Search for "{title}"')
    found = client.get("/api/v1/books", params={"title": title, "limit": 100}).json()
    there = [book for book in found["items"] if _left(book) > 0]
    if len(there) < DIFFERENT_BOOKS:
        raise CommandError(
            f'Fewer than {DIFFERENT_BOOKS} books with "{title}" in their title are in stock: '
            "try --title."
        )
    out.print(f"{found['total']} books have it in their title, such as")
    for book in there[:3]:
        authors = ", ".join(author["name"] for author in book["authors"])
        out.print(
            f"{book['id']:>6}  {book['title']} — {authors}  {money(book['price'])}", markup=False
        )
    return there


def _buy(client: Client, book: dict[str, Any]) -> None:
    _chapter(f"Buy “{book['title']}”")
    _expect(client, client.order({book["id"]: 1}, "tok_visa"), HTTPStatus.CREATED)


def _declined(client: Client, book: dict[str, Any]) -> None:
    _chapter("The bank declines the card")
    answer = client.order({book["id"]: 1}, "tok_declined")
    _expect(client, answer, HTTPStatus.PAYMENT_REQUIRED)


def _too_few(client: Client, book: dict[str, Any]) -> None:
    _chapter("More copies than there are")
    left = _left(client.get(f"/api/v1/books/{book['id']}").json())  # as of now
    if left >= MOST_COPIES:
        out.print("of every book found there are more copies than an order may ask for")
        return
    out.print(f"of “{escape(book['title'])}” there are {left}; we order {left + 1}")
    answer = client.order({book["id"]: left + 1}, "tok_visa")
    _expect(client, answer, HTTPStatus.CONFLICT)


def _shelve_one(url: str, email: str, password: str) -> dict[str, Any]:
    """Put one copy of a book of ours on the shelves, as staff: the same book at every visit."""
    with staff(url, email, password) as keeper:
        found = keeper.get("/api/v1/books", params={"isbn": ONLY_COPY["isbn"]}).json()["items"]
        book = found[0] if found else keeper.post("/api/v1/books", json=ONLY_COPY).json()
        rows = keeper.get("/api/v1/stocks", params={"book_id": book["id"]}).json()["items"]
        if not rows:
            (warehouse,) = keeper.get("/api/v1/warehouses", params={"limit": 1}).json()["items"]
            stock = {"book_id": book["id"], "warehouse_id": warehouse["id"], "quantity": 1}
            keeper.post("/api/v1/stocks", json=stock)
        elif wanted := 1 - sum(map(_left, rows)):
            change = {"quantity": wanted, "reason": "The demo sells the last copy."}
            keeper.post(f"/api/v1/stocks/{rows[0]['id']}/adjustments", json=change)
        return dict(book)


def _sold_out(client: Client, book: dict[str, Any]) -> None:
    _chapter("Two readers, one copy")
    out.print(f"staff put one copy of “{escape(book['title'])}” on the shelf; the first to come")
    _expect(client, client.order({book["id"]: 1}, "tok_visa"), HTTPStatus.CREATED)
    out.print("and the second:")
    _expect(client, client.order({book["id"]: 1}, "tok_visa"), HTTPStatus.CONFLICT)


def _clicked_thrice(client: Client, book: dict[str, Any]) -> None:
    _chapter("The same click three times at once")
    key = secrets.token_hex(16)
    with ThreadPoolExecutor(CLICKS) as clicks:
        answers = list(
            clicks.map(lambda _: client.order({book["id"]: 1}, "tok_visa", key), range(CLICKS))
        )
    orders = {answer.headers.get("Location") for answer in answers}
    out.print(f"{CLICKS} clicks, {len(orders)} order")
    if len(orders) > 1 or len({answer.content for answer in answers}) > 1:
        raise CommandError("A repeated click made a second order: that must never happen.")
    _expect(client, answers[0], HTTPStatus.CREATED)


def _left(book: dict[str, Any]) -> int:
    return int(book["quantity"] - book["reserved_quantity"])


def _expect(client: Client, answer: "httpx.Response", status: int) -> None:
    """Show the answer and the order's saga; raises CommandError if it is not the one expected."""
    body = answer.json()
    if answer.is_success:
        out.print(
            f"[green]{answer.status_code}[/] order {body['number'] or body['id']} is "
            f"{body['status']}: {money(body['total_price'])}"
        )
    else:
        out.print(f"[yellow]{answer.status_code} {body['code']}[/] {escape(body['detail'])}")
        for error in body.get("errors", ()):
            out.print(f"  {error['pointer']}: {error['message']}", markup=False)
    if "Location" in answer.headers:
        out.print(timeline(client.get(f"{answer.headers['Location']}/saga").json()))
    if answer.status_code != status:
        raise CommandError(f"The store answered {answer.status_code}, {status} was expected.")


def _chapter(title: str) -> None:
    out.print()
    out.rule(f"[bold]{escape(title)}", align="left")
