"""`bookstore demo`: a newcomer's visit, and four ways in which a purchase can go."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Final

import httpx
import typer
from rich.markup import escape

from bookstore.cli.client import Client
from bookstore.cli.terminal import DEFAULT_URL, CommandError, Url, money, out
from bookstore.cli.timeline import timeline

MOST_COPIES: Final = 999  # of a book in one order
CLICKS: Final = 3


def demo(
    url: Url = DEFAULT_URL,
    title: Annotated[str, typer.Option(help="Search for books with this in their title.")] = "the",
) -> None:
    """Sign up at a running store, find a book and buy it; then see how a purchase can fail.

    After the purchase come a declined card, a book of which there are too few, and a click that
    is repeated; of each you see what the saga did, step by step, and undid where it had to.
    """
    with Client(url) as client:
        _sign_up(client)
        books = _search(client, title)
        plenty, scarce = max(books, key=_left), min(books, key=_left)
        _buy(client, plenty)
        _declined(client, plenty)
        _sold_out(client, scarce)
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
    for book in there[:3]:
        authors = ", ".join(author["name"] for author in book["authors"])
        out.print(
            f"{book['id']:>6}  {book['title']} — {authors}  {money(book['price'])}", markup=False
        )
    if not there:
        raise CommandError(f'No book with "{title}" in its title is in stock: try --title.')
    out.print(f"{found['total']} books, {len(there)} of the first {len(found['items'])} in stock")
    return there


def _buy(client: Client, book: dict[str, Any]) -> None:
    _chapter(f"Buy “{book['title']}”")
    _expect(client, client.order({book["id"]: 1}, "tok_visa"), httpx.codes.CREATED)


def _declined(client: Client, book: dict[str, Any]) -> None:
    _chapter("The bank declines the card")
    answer = client.order({book["id"]: 1}, "tok_declined")
    _expect(client, answer, httpx.codes.PAYMENT_REQUIRED)


def _sold_out(client: Client, scarce: dict[str, Any]) -> None:
    _chapter("More copies than there are")
    left = _left(scarce)
    if left >= MOST_COPIES:
        out.print("of every book found there are more copies than an order may ask for")
        return
    out.print(f"of “{escape(scarce['title'])}” there are {left}; we order {left + 1}")
    answer = client.order({scarce["id"]: left + 1}, "tok_visa")
    _expect(client, answer, httpx.codes.CONFLICT)


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
    _expect(client, answers[0], httpx.codes.CREATED)


def _left(book: dict[str, Any]) -> int:
    return int(book["quantity"] - book["reserved_quantity"])


def _expect(client: Client, answer: httpx.Response, status: int) -> None:
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
