"""Who uses the store: buyers and staff, over HTTP."""

import itertools
from types import TracebackType
from typing import Any, Self

import httpx
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"


class Person:
    """Somebody who is signed in."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url, timeout=70, limits=httpx.Limits(max_connections=200)
        )
        self.email = email
        self.password = password

    async def __aenter__(self) -> Self:
        await self.sign_in()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:
        await self.http.aclose()

    async def sign_in(self) -> None:
        answer = await self.http.post(
            "/api/v1/users/signin", json={"email": self.email, "password": self.password}
        )
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def buy(
        self,
        *lines: tuple[int, int],
        token: str = "tok_visa",
        key: str | None = None,
        prefer: str = "wait=30",
    ) -> httpx.Response:
        """Order (book id, quantity) lines."""
        return await self.http.post(
            "/api/v1/orders",
            json=order(*lines, token=token),
            headers={"Idempotency-Key": key or f"key-{next(_numbers)}", "Prefer": prefer},
        )


class Buyer(Person):
    """A customer who has just signed up."""

    def __init__(self, url: str) -> None:
        super().__init__(url, f"buyer{next(_numbers)}@example.com", PASSWORD)

    async def sign_in(self) -> None:
        if "Authorization" not in self.http.headers:
            answer = await self.http.post(
                "/api/v1/users/signup",
                json={
                    "email": self.email,
                    "password": self.password,
                    "first_name": "Ann",
                    "last_name": "Reader",
                },
            )
            assert answer.status_code == 201, answer.text
        await super().sign_in()


class Staff(Person):
    """The staff account that the store was started with."""

    def __init__(self, url: str) -> None:
        super().__init__(url, STAFF_EMAIL, STAFF_PASSWORD)

    async def shelve(self, copies: int, *, price: int = 1999, title: str | None = None) -> int:
        """Put a new book on sale with so many copies; return its id."""
        number = next(_numbers)
        publisher = await self._create("publishers", name=f"Publisher {number}", address=None)
        author = await self._create("authors", name=f"Author {number}")
        book = await self._create(
            "books",
            title=title or f"Book {number}",
            isbn=None,
            price={"amount": price, "currency": "USD"},
            description=None,
            category_id=8,
            publisher_id=publisher,
            author_ids=[author],
        )
        warehouse = await self._create(
            "warehouses", name=f"Warehouse {number}", address="1 Main Street", capacity=1000
        )
        await self._create("stocks", book_id=book, warehouse_id=warehouse, quantity=copies)
        return book

    async def figures(self, book_id: int) -> tuple[int, int]:
        """Return (quantity, reserved) of a book over all warehouses."""
        answer = await self.http.get("/api/v1/stocks", params={"book_id": book_id, "limit": 100})
        rows = answer.json()["items"]
        return sum(r["quantity"] for r in rows), sum(r["reserved_quantity"] for r in rows)

    async def payments(self, order_id: str) -> list[dict[str, Any]]:
        """Return the payments of an order."""
        answer = await self.http.get("/api/v1/payments", params={"order_id": order_id})
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def _create(self, what: str, **body: Any) -> int:
        answer = await self.http.post(f"/api/v1/{what}", json=body)
        assert answer.status_code == 201, answer.text
        id_: int = answer.json()["id"]
        return id_


def order(*lines: tuple[int, int], token: str = "tok_visa") -> dict[str, Any]:
    """Return the body of an order."""
    return {
        "order_items": [{"book_id": book, "quantity": quantity} for book, quantity in lines],
        "payment_method": {"type": "card", "token": token},
    }
