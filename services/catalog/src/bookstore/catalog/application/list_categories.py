"""Listing categories: there are few, so they are sorted and cut here."""

from dataclasses import dataclass

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import Page
from bookstore.catalog.domain.category import Category, CategorySort
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class ListCategories:
    """Lists what books are about."""

    read: Transact[Store]

    async def __call__(
        self,
        *,
        sort: CategorySort = CategorySort.ID,
        descending: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[Category]:
        """Return a page of them."""
        found = await self.read(lambda store: store.categories.all())
        ordered = sorted(
            found,
            key=lambda category: (category.name if sort is CategorySort.NAME else "", category.id),
            reverse=descending,
        )
        return Page(len(ordered), ordered[offset : offset + limit])
