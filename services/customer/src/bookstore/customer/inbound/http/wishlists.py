"""/api/v1/customers/{id}/wishlist: what a customer wishes for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.keep_wishlists import KeepWishlists
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.wishlist import BookId
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply


@dataclass(frozen=True, slots=True)
class WishlistsController(api.WishlistsApi):
    """Answers for wish lists: their owners, and staff."""

    keep: KeepWishlists

    async def get_wishlist(self, caller: Caller, customer_id: UUID, /) -> api.Wishlist:
        return _document(await self.keep.get(caller, CustomerId(customer_id)))

    async def add_to_wishlist(
        self, caller: Caller, customer_id: UUID, body: api.WishlistAddition, /
    ) -> Reply[api.Wishlist]:
        books = await self.keep.add(caller, CustomerId(customer_id), _books(body.book_ids))
        location = f"/api/v1/customers/{customer_id}/wishlist"
        return Reply(201, _document(books), location=location)

    async def replace_wishlist(
        self, caller: Caller, customer_id: UUID, body: api.WishlistEdit, /
    ) -> api.Wishlist:
        return _document(
            await self.keep.replace(caller, CustomerId(customer_id), _books(body.book_ids))
        )

    async def remove_from_wishlist(
        self, caller: Caller, customer_id: UUID, query: api.RemoveFromWishlistQuery, /
    ) -> None:
        await self.keep.remove(caller, CustomerId(customer_id), _books(query.book_ids))


def _books(book_ids: Sequence[int]) -> list[BookId]:
    return [BookId(book_id) for book_id in book_ids]


def _document(books: Sequence[BookId]) -> api.Wishlist:
    return api.Wishlist(book_ids=list(books))
