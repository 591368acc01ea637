"""Keeping authors: finding, adding, changing and deleting them."""

from dataclasses import dataclass

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import NameSearch, Page
from bookstore.catalog.domain.author import Author, AuthorDraft, AuthorId
from bookstore.kit.clock import Clock
from bookstore.kit.precondition import Precondition
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class KeepAuthors:
    """Keeps authors; each method is one use case and one transaction."""

    transact: Transact[Store]
    read: Transact[Store]
    clock: Clock

    async def get(self, author_id: AuthorId) -> Author:
        """Look at an author; raises AuthorNotFoundError."""
        return await self.read(lambda store: store.authors.get(author_id))

    async def search(self, search: NameSearch) -> Page[Author]:
        """Look around."""
        return await self.read(lambda store: store.authors.search(search))

    async def add(self, draft: AuthorDraft) -> Author:
        """Add an author."""
        return await self.transact(lambda store: store.authors.add(draft, self.clock.now()))

    async def replace(self, author_id: AuthorId, draft: AuthorDraft, seen: Precondition) -> Author:
        """Change an author, if it still is as it was seen.

        Raises AuthorNotFoundError, VersionRequiredError or VersionMismatchError.
        """

        def replace(store: Store) -> Author:
            author = store.authors.get(author_id)
            seen.check(author.version)
            return store.authors.replace(author, draft, self.clock.now())

        return await self.transact(replace)

    async def delete(self, author_id: AuthorId) -> None:
        """Delete an author; raises AuthorNotFoundError or AuthorInUseError."""
        await self.transact(lambda store: store.authors.delete(author_id))
