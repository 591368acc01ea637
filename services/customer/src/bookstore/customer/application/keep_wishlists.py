"""What a customer wishes for: a book that is sold no more is kept, but neither shown nor taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bookstore.customer.application.admission import Admission
from bookstore.customer.application.ports import BookList, Store
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.wishlist import BookId, refuse_unknown, wished
from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class KeepWishlists:
    """Each method is one use case; all raise CustomerNotFoundError."""

    admission: Admission
    transact: Transact[Store]
    read: Transact[Store]
    books: BookList
    clock: Clock

    async def get(self, caller: Caller, customer_id: CustomerId) -> list[BookId]:
        """Look at the list."""
        await self.admission.to_look(caller, customer_id)
        listed = await self._listed(customer_id)
        return _without(await self._unsold(listed), listed)

    async def add(
        self, caller: Caller, customer_id: CustomerId, book_ids: Sequence[BookId]
    ) -> list[BookId]:
        """Put books on the list, if they are not there yet.

        Raises UnknownBookError or WishlistFullError.
        """
        await self._admit(caller, customer_id, book_ids)
        unsold = await self._unsold(await self._listed(customer_id))

        def add(store: Store) -> list[BookId]:
            before = store.wishlists.get(customer_id)
            after = wished(before, book_ids)
            store.wishlists.add(customer_id, after[len(before) :], self.clock.now())
            return _without(unsold, after)

        return await self.transact(add)

    async def replace(
        self, caller: Caller, customer_id: CustomerId, book_ids: Sequence[BookId]
    ) -> list[BookId]:
        """Have the list be these books; raises UnknownBookError or WishlistFullError."""
        await self._admit(caller, customer_id, book_ids)
        after = wished(book_ids)

        def replace(store: Store) -> list[BookId]:
            store.wishlists.clear(customer_id)
            store.wishlists.add(customer_id, after, self.clock.now())
            return after

        return await self.transact(replace)

    async def remove(
        self, caller: Caller, customer_id: CustomerId, book_ids: Collection[BookId]
    ) -> None:
        """Take books off the list; those that are not on it do not matter."""
        await self.admission.to_change(caller, customer_id)
        await self.transact(lambda store: store.wishlists.remove(customer_id, book_ids))

    async def _admit(
        self, caller: Caller, customer_id: CustomerId, book_ids: Sequence[BookId]
    ) -> None:
        """Let the caller, and books that are on sale."""
        await self.admission.to_change(caller, customer_id)
        refuse_unknown(book_ids, await self._unsold(book_ids))

    async def _unsold(self, book_ids: Collection[BookId]) -> set[BookId]:
        """Return those that are unknown or retired."""
        return await self.books.unknown(set(book_ids)) if book_ids else set()

    async def _listed(self, customer_id: CustomerId) -> list[BookId]:
        return await self.read(lambda store: store.wishlists.get(customer_id))


def _without(unsold: set[BookId], listed: Sequence[BookId]) -> list[BookId]:
    return [book for book in listed if book not in unsold]
