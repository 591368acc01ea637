"""Categories in a SQL database; a migration brings them, and nobody changes them."""

from collections.abc import Sequence

from sqlalchemy import select

from bookstore.catalog.application.ports import Categories
from bookstore.catalog.domain.category import Category
from bookstore.catalog.outbound.tables import CATEGORY
from bookstore.kit.database import Session, prepare

_ALL = prepare(select(CATEGORY).order_by(CATEGORY.c.id))


class SqlCategories(Categories):
    """The table of categories, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> Sequence[Category]:
        return [Category(row.id, row.name) for row in self._session.run(_ALL)]
