"""The catalog's tables.

What is searched or sorted by is kept folded beside what is shown: databases fold ASCII only, or
as they please. A retired book keeps its row and its ISBN, but not its place in `listed_isbn`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from bookstore.kit.database import Instant, big_key

TABLES = MetaData()

TITLE_KEY = 100  # characters of the folded title that decide the order


def _history() -> list[Column[object]]:
    return [
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("version", Integer, nullable=False),
    ]


CATEGORY = Table(
    "category",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
)

PUBLISHER = Table(
    "publisher",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_folded", String(765), nullable=False, index=True),
    Column("address", String(500)),
    *_history(),
)

AUTHOR = Table(
    "author",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_folded", String(765), nullable=False, index=True),
    *_history(),
)

BOOK = Table(
    "book",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("title", String(500), nullable=False),
    Column("title_folded", String(765), nullable=False, index=True),
    Column("title_key", String(TITLE_KEY), nullable=False),
    Column("isbn", String(13)),
    Column("listed_isbn", String(13), unique=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("description", Text),
    Column("category_id", ForeignKey(CATEGORY.c.id), index=True),
    Column("publisher_id", ForeignKey(PUBLISHER.c.id), index=True),
    *_history(),
    Column("retired_at", Instant),
    Index("ix_book_created_at", "created_at", "id", "retired_at"),
    Index("ix_book_updated_at", "updated_at", "id", "retired_at"),
    Index("ix_book_title_key", "title_key", "id", "retired_at"),
    Index("ix_book_amount", "amount", "id", "retired_at"),
)

BOOK_AUTHOR = Table(
    "book_author",
    TABLES,
    Column("book_id", ForeignKey(BOOK.c.id), primary_key=True),
    Column("author_id", ForeignKey(AUTHOR.c.id), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

FEED_BOOK = Table(
    "feed_book",
    TABLES,
    Column("feed", String(32), primary_key=True),
    Column("feed_id", String(64), primary_key=True),
    Column("book_id", ForeignKey(BOOK.c.id), nullable=False, index=True),
)

COMPLETED_FEED = Table(
    "completed_feed",
    TABLES,
    Column("feed", String(32), primary_key=True),
    Column("completed_at", Instant, nullable=False),
)
