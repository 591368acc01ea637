"""Drafts of books that tests change where it matters, and a small catalogue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bookstore.catalog.application.ports import Store
from bookstore.catalog.domain.author import AuthorDraft
from bookstore.catalog.domain.book import Draft
from bookstore.catalog.domain.category import CategoryId
from bookstore.catalog.domain.isbn import Isbn
from bookstore.catalog.domain.publisher import PublisherDraft
from bookstore.kit.money import Money

CLEAN_CODE = Isbn("9780132350884")
REFACTORING = Isbn("9780134757599")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
LATEST = NOW + timedelta(seconds=2)


def a_draft(**changes: Any) -> Draft:
    said: dict[str, Any] = {
        "title": "Clean Code",
        "isbn": CLEAN_CODE,
        "price": Money(3999, "USD"),
        "description": "A handbook of agile software craftsmanship.",
    }
    return Draft(**said | changes)


def three_books(store: Store) -> None:
    martin, fowler = (store.authors.add(AuthorDraft(name), NOW) for name in ("Martin", "Fowler"))
    pearson = store.publishers.add(PublisherDraft("Pearson Éducation"), NOW)
    clean = a_draft(category_id=CategoryId(21), author_ids=(martin.id,), publisher_id=pearson.id)
    store.books.add(clean, NOW)
    store.books.add(
        replace(
            clean,
            title="REFACTORING 100% \\_",
            isbn=REFACTORING,
            price=Money(4999, "USD"),
            author_ids=(fowler.id, martin.id),
            category_id=None,
            publisher_id=None,
        ),
        LATER,
    )
    store.books.add(a_draft(title="İstanbul", isbn=None, price=Money(15000, "KRW")), LATEST)
