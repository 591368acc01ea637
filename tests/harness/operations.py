"""A request to every operation that asks a neighbour, and to others of each service.

Each says how it is answered while everybody is there, and may be made again and again: what a
request uses up is made anew by `Shop.prepare`.
"""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import jwt
from tests.harness.people import PASSWORD, Buyer, Staff
from tests.harness.six import Six

CSV: Final = b"book_id,title,price\n%d,Imported,1.99\n"
LINES: Final = [{"book_id": 1, "quantity": 1}]
CARD: Final = {"type": "card", "token": "tok_visa"}
_ALONE: Final = {"connection": "close"}  # lest a connection be one to somebody who was killed
_numbers = itertools.count(1)

Known = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """How to ask: braces in the path are filled with what was prepared."""

    service: str
    operation: str  # as its specification names it
    who: str
    usual: int
    body: Callable[[Known], Any] = lambda _known: None
    query: str = ""
    ids: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def url(self, known: Known) -> str:
        """Return path and query, filled."""
        path = self.operation.partition(" ")[2]
        for name in self.ids:
            before, _, rest = path.partition("{")
            path = f"{before}{known[name]}{rest.partition('}')[2]}"
        return path + self.query


def _new_book(known: Known) -> Any:
    return {
        "title": f"Book {next(_numbers)}",
        "isbn": None,
        "price": {"amount": 1999, "currency": "USD"},
        "description": None,
        "category_id": 8,
        "publisher_id": known["publisher"],
        "author_ids": [known["author"]],
    }


def _somebody(_known: Known) -> Any:
    return {
        "email": f"somebody{next(_numbers)}@example.com",
        "password": PASSWORD,
        "first_name": "Some",
        "last_name": "Body",
    }


def _row(known: Known, book: str) -> Any:
    return {"book_id": known[book], "warehouse_id": known["warehouse"], "quantity": 5}


_C, _I, _O, _P, _U, _W = "customer", "inventory", "order", "payment", "identity", "catalog"
_ME = "/api/v1/customers/{id}"

REQUESTS: Final = [
    Request(_W, "GET /api/v1/books", "nobody", 200, query="?ids[]=1"),
    Request(_W, "GET /api/v1/books/{id}", "nobody", 200, ids=("book",)),
    Request(_W, "POST /api/v1/books", "staff", 201, _new_book),
    Request(_W, "DELETE /api/v1/books/{id}", "staff", 204, ids=("retirable",)),
    Request(
        _W,
        "POST /api/v1/books/import",
        "staff",
        200,
        lambda _known: CSV % next(_numbers),
        query="?feed=test",
        headers={"content-type": "text/csv"},
    ),
    Request(_W, "GET /api/v1/authors", "nobody", 200),
    Request(_W, "GET /api/v1/publishers", "nobody", 200),
    Request(_W, "GET /api/v1/categories", "nobody", 200),
    Request(_I, "GET /api/v1/stocks", "nobody", 200),
    Request(_I, "POST /api/v1/stocks", "staff", 201, lambda known: _row(known, "unstocked")),
    Request(
        _I,
        "POST /api/v1/stocks/bulk",
        "staff",
        200,
        lambda known: {"items": [_row(known, "unstocked-2")]},
    ),
    Request(
        _I,
        "POST /api/v1/stocks/{id}/adjustments",
        "staff",
        201,
        lambda _known: {"quantity": 1, "reason": "found"},
        ids=("stock",),
    ),
    Request(_I, "GET /api/v1/movements", "staff", 200),
    Request(
        _I,
        "POST /api/v1/warehouses",
        "staff",
        201,
        lambda _known: {"name": f"Other {next(_numbers)}", "address": None, "capacity": None},
    ),
    Request(_O, "POST /api/v1/orders/quote", "buyer", 200, lambda _known: {"order_items": LINES}),
    Request(
        _O,
        "POST /api/v1/orders",
        "buyer",
        202,
        lambda _known: {"order_items": LINES, "payment_method": CARD},
        headers={"prefer": "respond-async"},
    ),
    Request(_O, "GET /api/v1/orders", "buyer", 200),
    Request(_O, "GET /api/v1/orders/{id}", "buyer", 200, ids=("order",)),
    Request(_O, "GET /api/v1/sagas", "staff", 200),
    Request(_P, "GET /api/v1/payments", "buyer", 200),
    Request(_P, "GET /api/v1/payments/{id}", "buyer", 404, ids=("order",)),
    Request(_U, "POST /api/v1/users/signup", "nobody", 201, _somebody),
    Request(
        _U,
        "POST /api/v1/users/signin",
        "nobody",
        200,
        lambda known: {"email": known["email"], "password": PASSWORD},
    ),
    Request(_U, "GET /api/v1/users", "staff", 200),
    Request(_U, "GET /api/v1/users/{id}", "buyer", 200, ids=("buyer",)),
    Request(_C, "GET /api/v1/customers", "staff", 200),
    Request(_C, f"GET {_ME}", "buyer", 200, ids=("buyer",)),
    Request(
        _C,
        f"PUT {_ME}",
        "buyer",
        200,
        lambda known: {
            "email": known["email"],
            "first_name": "Ann",
            "last_name": f"Reader {next(_numbers)}",
            "phone": None,
        },
        ids=("buyer",),
        headers={"if-match": "{etag}"},
    ),
    Request(_C, f"DELETE {_ME}", "leaver", 204, ids=("leaver",)),
    Request(_C, f"GET {_ME}/orders", "buyer", 200, ids=("buyer",)),
    Request(_C, f"GET {_ME}/orders/{{order_id}}", "buyer", 200, ids=("buyer", "order")),
    Request(_C, f"GET {_ME}/payments", "buyer", 200, ids=("buyer",)),
    Request(_C, f"GET {_ME}/payments/{{payment_id}}", "buyer", 404, ids=("buyer", "order")),
    Request(_C, f"GET {_ME}/point", "buyer", 200, ids=("buyer",)),
    Request(_C, f"PUT {_ME}/point", "staff", 200, lambda _known: {"point": 5}, ids=("buyer",)),
    Request(_C, f"GET {_ME}/point/entries", "buyer", 200, ids=("buyer",)),
    Request(_C, f"GET {_ME}/wishlist", "buyer", 200, ids=("buyer",)),
    Request(
        _C, f"POST {_ME}/wishlist", "buyer", 201, lambda _known: {"book_ids": [1]}, ids=("buyer",)
    ),
    Request(
        _C, f"PUT {_ME}/wishlist", "buyer", 200, lambda _known: {"book_ids": [1]}, ids=("buyer",)
    ),
    Request(_C, f"DELETE {_ME}/wishlist", "buyer", 204, query="?book_ids=2", ids=("buyer",)),
]


class NotReadyError(Exception):
    """What requests need cannot be made; says why."""


class Shop:
    """Asks the six as their users do; people are signed in, and what they need is there."""

    def __init__(self, services: Six) -> None:
        self._services = services
        self._people: dict[str, httpx.AsyncClient] = {"nobody": httpx.AsyncClient(timeout=30)}
        self._staff = Staff(services.url("identity"))
        self._buyer = Buyer(services.url("identity"))
        self.known: Known = {"book": 1, "email": self._buyer.email}

    async def _open(self) -> None:
        """Sign in, and make what is made once."""
        await self._staff.sign_in()
        await self._buyer.sign_in()
        self._people |= {"staff": self._staff.http, "buyer": self._buyer.http}
        self.known["buyer"] = _id_of(self._buyer.http)
        name = {"name": f"Somebody {next(_numbers)}"}
        self.known["author"] = await self._made("catalog", "authors", name)
        self.known["publisher"] = await self._made(
            "catalog", "publishers", name | {"address": None}
        )
        place = name | {"address": None, "capacity": None}
        self.known["warehouse"] = await self._made("inventory", "warehouses", place)
        stocks = f"{self._services.url('inventory')}/api/v1/stocks"
        found = await self._people["nobody"].get(stocks, headers=_ALONE)
        self.known["stock"] = found.json()["items"][0]["id"]
        bought = {"order_items": LINES, "payment_method": CARD}
        self.known["order"] = await self._made("order", "orders", bought, who="buyer")

    async def prepare(self) -> None:
        """Make what requests need, and anew what they use up; raises NotReadyError."""
        if "order" not in self.known:
            await self._open()
        for book in ("retirable", "unstocked", "unstocked-2"):
            self.known[book] = await self._made("catalog", "books", _new_book(self.known))
        leaver = Buyer(self._services.url("identity"))
        await leaver.sign_in()
        if "leaver" in self._people:
            await self._people["leaver"].aclose()
        self._people["leaver"] = leaver.http
        self.known["leaver"] = _id_of(leaver.http)
        me = f"{self._services.url('customer')}/api/v1/customers/{self.known['buyer']}"
        profile = await self._buyer.http.get(me, headers=_ALONE)
        if not profile.is_success:
            raise NotReadyError(profile.text)
        self.known["etag"] = profile.headers["etag"]

    async def ask(self, *, but: str | None = None) -> dict[str, httpx.Response]:
        """Make all requests at once, but those to one service; return the answers."""
        asked = [request for request in REQUESTS if request.service != but]
        answers = await asyncio.gather(*map(self._answer, asked))
        return {one.operation: answer for one, answer in zip(asked, answers, strict=True)}

    async def close(self) -> None:
        """Hang up."""
        for client in self._people.values():
            await client.aclose()

    async def _answer(self, request: Request) -> httpx.Response:
        method = request.operation.partition(" ")[0]
        headers = {name: text.format_map(self.known) for name, text in request.headers.items()}
        headers |= _ALONE
        if request.operation == "POST /api/v1/orders":
            headers["idempotency-key"] = f"asked-{next(_numbers)}"
        body = request.body(self.known)
        content = {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        url = self._services.url(request.service) + request.url(self.known)
        return await self._people[request.who].request(method, url, headers=headers, **content)

    async def _made(self, service: str, what: str, body: Any, who: str = "staff") -> Any:
        answer = await self._people[who].post(
            f"{self._services.url(service)}/api/v1/{what}",
            json=body,
            headers=_ALONE
            | {"idempotency-key": f"made-{next(_numbers)}", "prefer": "respond-async"},
        )
        if not answer.is_success:
            raise NotReadyError(answer.text)
        return answer.json()["id"]


def _id_of(person: httpx.AsyncClient) -> str:
    token = person.headers["authorization"].partition(" ")[2]
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])
