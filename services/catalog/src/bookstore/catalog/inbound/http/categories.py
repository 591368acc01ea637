"""Answers for /api/v1/categories."""

from dataclasses import dataclass

from bookstore.catalog.application.list_categories import ListCategories
from bookstore.catalog.domain.category import CategorySort
from bookstore.catalog.inbound.http.documents import LASTING, listed
from bookstore.contracts.openapi import catalog as api
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply


@dataclass(frozen=True, slots=True)
class CategoriesController(api.CategoriesApi):
    """Lists categories."""

    categories: ListCategories

    async def list_categories(
        self, _caller: Caller, query: api.ListCategoriesQuery, _header: api.ListCategoriesHeader, /
    ) -> Reply[api.CategoryPage]:
        page = await self.categories(
            sort=CategorySort(query.sort),
            descending=query.order == "desc",
            limit=query.limit,
            offset=query.offset,
        )
        items = [api.Category(id=category.id, name=category.name) for category in page.items]
        return listed(api.CategoryPage(total=page.total, items=items), headers=LASTING)
