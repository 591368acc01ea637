"""Keeping publishers: finding, adding, changing and deleting them."""

from dataclasses import dataclass

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import NameSearch, Page
from bookstore.catalog.domain.publisher import Publisher, PublisherDraft, PublisherId
from bookstore.kit.clock import Clock
from bookstore.kit.precondition import Precondition
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class KeepPublishers:
    """Keeps publishers; each method is one use case and one transaction."""

    transact: Transact[Store]
    read: Transact[Store]
    clock: Clock

    async def get(self, publisher_id: PublisherId) -> Publisher:
        """Look at a publisher; raises PublisherNotFoundError."""
        return await self.read(lambda store: store.publishers.get(publisher_id))

    async def search(self, search: NameSearch) -> Page[Publisher]:
        """Look around."""
        return await self.read(lambda store: store.publishers.search(search))

    async def add(self, draft: PublisherDraft) -> Publisher:
        """Add a publisher."""
        return await self.transact(lambda store: store.publishers.add(draft, self.clock.now()))

    async def replace(
        self, publisher_id: PublisherId, draft: PublisherDraft, seen: Precondition
    ) -> Publisher:
        """Change a publisher, if it still is as it was seen.

        Raises PublisherNotFoundError, VersionRequiredError or VersionMismatchError.
        """

        def replace(store: Store) -> Publisher:
            publisher = store.publishers.get(publisher_id)
            seen.check(publisher.version)
            return store.publishers.replace(publisher, draft, self.clock.now())

        return await self.transact(replace)

    async def delete(self, publisher_id: PublisherId) -> None:
        """Delete a publisher; raises PublisherNotFoundError or PublisherInUseError."""
        await self.transact(lambda store: store.publishers.delete(publisher_id))
