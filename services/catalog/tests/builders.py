"""Drafts of books that tests change where it matters."""

from typing import Any

from bookstore.catalog.domain.book import Draft
from bookstore.catalog.domain.isbn import Isbn
from bookstore.kit.money import Money

CLEAN_CODE = Isbn("9780132350884")
REFACTORING = Isbn("9780134757599")


def a_draft(**changes: Any) -> Draft:
    said: dict[str, Any] = {
        "title": "Clean Code",
        "isbn": CLEAN_CODE,
        "price": Money(3999, "USD"),
        "description": "A handbook of agile software craftsmanship.",
    }
    return Draft(**said | changes)
