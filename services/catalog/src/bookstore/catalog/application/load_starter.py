"""Loading the starter catalogue: what a new store has to sell from its first start."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookstore.catalog.application.ports import Stockroom, Store
from bookstore.catalog.application.shelve_books import Shelved, shelve
from bookstore.catalog.domain.feed_book import FeedBook
from bookstore.catalog.domain.publisher import PublisherDraft
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact

FEED = "starter"


@dataclass(frozen=True, slots=True)
class Starter:
    """Publishers with their addresses, and books with how many copies there are of each."""

    publishers: Sequence[PublisherDraft]
    books: Sequence[tuple[FeedBook, int]]


@dataclass(frozen=True, slots=True)
class LoadStarter:
    """Loads the starter catalogue once: what was cut short is finished by the next start."""

    transact: Transact[Store]
    stockroom: Stockroom
    clock: Clock

    async def __call__(self, starter: Starter) -> int:
        """Load it, unless it was; return how many books are new. Raises UnavailableError."""
        if await self.transact(lambda store: store.feeds.is_complete(FEED)):
            return 0
        rows = [(place, book) for place, (book, _) in enumerate(starter.books, 1)]

        def load(store: Store) -> Shelved:
            now = self.clock.now()
            store.publishers.ensure(starter.publishers, now)
            return shelve(store, FEED, rows, now)

        shelved = await self.transact(load)
        copies = {book.book_id: quantity for book, quantity in starter.books}
        await self.stockroom.stock(
            {book_id: copies[key] for key, book_id in shelved.on_sale.items()}
        )
        await self.transact(lambda store: store.feeds.complete(FEED, self.clock.now()))
        return shelved.created
