"""What customers need of the world, in memory: the fake of every port, for tests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bookstore.customer.application import ports
from bookstore.customer.application.ports import Page, Slice
from bookstore.customer.domain.customer import (
    Customer,
    CustomerId,
    CustomerNotFoundError,
    Details,
)
from bookstore.customer.domain.point import Account, Change, Entry, EntryId
from bookstore.customer.domain.purchase import Order, OrderStatus, Payment
from bookstore.customer.domain.wishlist import BookId
from bookstore.kit.errors import (
    ConflictError,
    NotFoundError,
    UnavailableError,
    VersionMismatchError,
)

ENDED = {OrderStatus.COMPLETED, OrderStatus.CANCELLED}


class Neighbour:
    """Somebody who may be away."""

    away = False

    def answer(self) -> None:
        if self.away:
            raise UnavailableError("not now", retry_after=1)


class MemoryAccounts(Neighbour, ports.Accounts):
    def __init__(self, *customers: Customer) -> None:
        self._customers = {customer.id: customer for customer in customers}

    async def search(self, search: ports.CustomerSearch, part: Slice) -> Page[Customer]:
        self.answer()
        found: list[Any] = [
            one
            for one in self._customers.values()
            if search.email in (None, one.details.email)
            and search.phone in (None, one.details.phone)
            and (search.name or "") in f"{one.details.first_name} {one.details.last_name}"
        ]
        found.sort(key=lambda one: (one.created_at, one.id), reverse=part.descending)
        return Page(len(found), found[part.offset : part.offset + part.limit])

    async def find(self, customer_id: CustomerId) -> Customer:
        self.answer()
        if customer_id not in self._customers:
            raise CustomerNotFoundError(customer_id)
        return self._customers[customer_id]

    async def change(self, customer_id: CustomerId, details: Details, *, version: int) -> Customer:
        before = await self.find(customer_id)
        if before.version != version:
            raise VersionMismatchError("it changed meanwhile")
        others = (one for one in self._customers.values() if one is not before)
        if any(one.details.email == details.email for one in others):
            raise ConflictError("somebody else has it", code="email-taken")
        after = self._customers[customer_id] = replace(
            before, details=details, version=version + 1
        )
        return after

    async def close(self, customer_id: CustomerId) -> None:
        await self.find(customer_id)
        del self._customers[customer_id]


@dataclass
class MemoryOrders(Neighbour, ports.Orders):
    orders: Sequence[Order] = ()
    asked: ports.OrderSearch | None = None

    async def search(
        self, customer_id: CustomerId, search: ports.OrderSearch, part: Slice
    ) -> Page[Order]:
        self.answer()
        self.asked = search
        found = [
            one
            for one in self.orders
            if one.user_id == customer_id and search.status in (None, one.status)
        ]
        return Page(len(found), found[: part.limit], "more" if len(found) > part.limit else None)

    async def find(self, customer_id: CustomerId, order_id: UUID) -> Order:
        self.answer()
        for one in self.orders:
            if (one.user_id, one.id) == (customer_id, order_id):
                return one
        raise NotFoundError("there is no such order", code="order-not-found")

    async def count_open(self, customer_id: CustomerId) -> int:
        self.answer()
        return sum(one.user_id == customer_id and one.status not in ENDED for one in self.orders)


@dataclass
class MemoryPayments(Neighbour, ports.Payments):
    payments: Sequence[Payment] = ()

    async def search(
        self, customer_id: CustomerId, search: ports.PaymentSearch, part: Slice
    ) -> Page[Payment]:
        self.answer()
        found = [
            one
            for one in self.payments
            if one.user_id == customer_id and search.order_id in (None, one.order_id)
        ]
        return Page(len(found), found[: part.limit])

    async def find(self, customer_id: CustomerId, payment_id: UUID) -> Payment:
        self.answer()
        for one in self.payments:
            if (one.user_id, one.id) == (customer_id, payment_id):
                return one
        raise NotFoundError("there is no such payment", code="payment-not-found")


class FixedBooks(Neighbour, ports.BookList):
    """Sells the books it was told of, and no others."""

    def __init__(self, *book_ids: int) -> None:
        self.on_sale = {BookId(book_id) for book_id in book_ids}

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        self.answer()
        return set(book_ids) - self.on_sale


class MemoryWishlists(ports.Wishlists):
    def __init__(self) -> None:
        self._lists: dict[CustomerId, list[BookId]] = {}

    def get(self, customer_id: CustomerId) -> list[BookId]:
        return list(self._lists.get(customer_id, ()))

    def add(self, customer_id: CustomerId, book_ids: Sequence[BookId], at: datetime) -> None:  # noqa: ARG002 — nobody asks when
        self._lists.setdefault(customer_id, []).extend(book_ids)

    def remove(self, customer_id: CustomerId, book_ids: Collection[BookId]) -> None:
        self._lists[customer_id] = [b for b in self.get(customer_id) if b not in book_ids]

    def clear(self, customer_id: CustomerId) -> None:
        self._lists.pop(customer_id, None)


class MemoryPoints(ports.Points):
    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def get(self, customer_id: CustomerId) -> Account:
        for entry in reversed(self._entries):
            if entry.change.customer_id == customer_id:
                change = entry.change
                return Account(
                    customer_id=customer_id, balance=change.balance, updated_at=change.at
                )
        return Account(customer_id=customer_id)

    locked = get

    def apply(self, change: Change) -> None:
        self._entries.append(Entry(EntryId(len(self._entries) + 1), change))

    def entries(self, customer_id: CustomerId, part: Slice) -> Page[Entry]:
        found = [entry for entry in self._entries if entry.change.customer_id == customer_id]
        found.sort(key=lambda entry: (entry.change.at, entry.id), reverse=part.descending)
        return Page(len(found), found[part.offset : part.offset + part.limit])

    def clear(self, customer_id: CustomerId) -> None:
        self._entries = [e for e in self._entries if e.change.customer_id != customer_id]


class MemoryStore:
    """Our own data, as one unit of work sees them."""

    def __init__(self) -> None:
        self.wishlists = MemoryWishlists()
        self.points = MemoryPoints()
