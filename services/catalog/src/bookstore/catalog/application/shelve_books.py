"""Putting a batch of a feed's books on the shelves, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bookstore.catalog.application.ports import Store
from bookstore.catalog.domain.author import AuthorId
from bookstore.catalog.domain.book import BookId, Draft
from bookstore.catalog.domain.category import CategoryId
from bookstore.catalog.domain.feed import Remark
from bookstore.catalog.domain.feed_book import FeedBook
from bookstore.catalog.domain.publisher import PublisherDraft, PublisherId
from bookstore.kit.text import fold

Lines = Sequence[tuple[int, FeedBook]]  # where each book's row begins in the file


@dataclass(slots=True)
class Shelved:
    """What became of a batch: what its ids mean, if that is on sale, and what is to be said."""

    created: int = 0
    unchanged: int = 0
    on_sale: dict[str, BookId] = field(default_factory=dict)
    refusals: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)


def shelve(store: Store, feed: str, rows: Lines, now: datetime) -> Shelved:
    """Create the books which we do not have yet; those we have stay as they are.

    We have a book if the feed's id was here before, or if a book on sale has its ISBN: then the
    id means that book from now on, unless another id of the feed does already. What is to be
    said of a row is said each time, so that a repeated import tells the same.
    """
    shelved = Shelved()
    known = dict(store.feeds.known(feed, [book.book_id for _, book in rows]))
    with_isbn = dict(store.books.with_isbns([book.isbn for _, book in rows if book.isbn]))
    claimed = store.feeds.claimed(feed, with_isbn.values())
    names = _Names(store, [book for _, book in rows if book.book_id not in known], now)
    ours = [*known.values(), *with_isbn.values()]
    titles = {tag.book_id: tag.title for tag in store.books.prices(ours)} if ours else {}
    new: dict[str, BookId] = {}
    for line, row in rows:
        if row.book_id in known:
            shelved.unchanged += 1
            shelved.notes += names.notes(line, row, titles.get(known[row.book_id]))
            continue
        book_id = with_isbn.get(row.isbn) if row.isbn else None
        if book_id in claimed:
            reason = f"another row has the ISBN {row.isbn}"
            shelved.refusals.append(Remark(line, row.book_id, "isbn-taken", reason))
            continue
        if book_id is None:
            book_id = store.books.add(names.draft(row), now)
            shelved.created += 1
        else:
            shelved.unchanged += 1
        shelved.notes += names.notes(line, row, titles.get(book_id))
        if row.isbn:
            with_isbn[row.isbn] = book_id
        claimed.add(book_id)
        known[row.book_id] = new[row.book_id] = book_id
    store.feeds.remember(feed, new)
    on_sale = store.books.on_sale(known.values())
    shelved.on_sale = {key: book_id for key, book_id in known.items() if book_id in on_sale}
    return shelved


class _Names:
    """Whom and what a batch's names mean, new authors and publishers included."""

    def __init__(self, store: Store, books: Sequence[FeedBook], now: datetime) -> None:
        self._categories: dict[str, CategoryId] = {
            fold(category.name): category.id for category in store.categories.all()
        }
        self._authors = store.authors.ensure(
            [name for book in books for name in book.authors], now
        )
        self._publishers = store.publishers.ensure(
            [PublisherDraft(book.publisher) for book in books if book.publisher], now
        )

    def draft(self, row: FeedBook) -> Draft:
        return Draft(
            title=row.title,
            isbn=row.isbn,
            price=row.price,
            description=row.description,
            category_id=self._category(row),
            publisher_id=self._publisher(row),
            author_ids=tuple(self._author(name) for name in row.authors),
        )

    def notes(self, line: int, row: FeedBook, title: str | None) -> list[Remark]:
        """Say what was passed over; `title` is what we call the book, if we had it before."""
        notes = [Remark(line, row.book_id, code, reason) for code, reason in row.notes]
        if row.category and self._category(row) is None:
            reason = f"there is no category {row.category!r}: it has none"
            notes.append(Remark(line, row.book_id, "category-unknown", reason))
        if title is not None and title != row.title:
            reason = f"we have it as {title!r}: it stays so"
            notes.append(Remark(line, row.book_id, "other-title", reason))
        return notes

    def _category(self, row: FeedBook) -> CategoryId | None:
        return self._categories.get(fold(row.category)) if row.category else None

    def _publisher(self, row: FeedBook) -> PublisherId | None:
        return self._publishers[fold(row.publisher)] if row.publisher else None

    def _author(self, name: str) -> AuthorId:
        return self._authors[fold(name)]
