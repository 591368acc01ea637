"""Answers for /api/v1/books."""

from dataclasses import dataclass

from bookstore.catalog.application.find_books import FindBooks
from bookstore.catalog.application.import_books import Feed, ImportBooks
from bookstore.catalog.application.keep_books import AddBook, ReplaceBook, RetireBook
from bookstore.catalog.application.search import BookSearch, BookSort
from bookstore.catalog.domain.author import AuthorId
from bookstore.catalog.domain.book import AuthorRepeatedError, BookId, Draft
from bookstore.catalog.domain.category import CategoryId
from bookstore.catalog.domain.feed import Remark
from bookstore.catalog.domain.isbn import isbn13
from bookstore.catalog.domain.publisher import PublisherId
from bookstore.catalog.inbound.http.documents import book_document, book_reply, listed
from bookstore.catalog.inbound.http.showcase import Showcase, key_of
from bookstore.catalog.inbound.paging import continued, cursor_after
from bookstore.catalog.inbound.words import part
from bookstore.contracts.openapi import catalog as api
from bookstore.kit.caller import Caller
from bookstore.kit.cursor import skipped
from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.http import Reply, precondition
from bookstore.kit.money import Money, UnknownCurrencyError


class CurrencyMissingError(InvalidError):
    """Prices are compared within one currency: name it."""

    code = "currency-missing"

    def __init__(self) -> None:
        """Point at the parameter."""
        message = "price_from and price_to need a currency"
        super().__init__(message, FieldError(pointer="currency", code=self.code, message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksController(api.BooksApi):
    """Finds and keeps books; what is found is shown for a second."""

    find: FindBooks
    add: AddBook
    replace: ReplaceBook
    retire: RetireBook
    load: ImportBooks
    showcase: Showcase

    async def get_book(
        self,
        _caller: Caller,
        book_id: int,
        _header: api.GetBookHeader,
        /,
    ) -> Reply[api.Book]:
        async def make() -> Reply[api.Book]:
            return book_reply(200, await self.find.get(BookId(book_id)))

        return await self.showcase.show(book_id, make)

    async def list_books(
        self, _caller: Caller, query: api.ListBooksQuery, _header: api.ListBooksHeader, /
    ) -> Reply[api.BookPage]:
        async def make() -> Reply[api.BookPage]:
            search = continued(_search(query), query.cursor)
            page = await self.find.search(search)
            return listed(
                api.BookPage(
                    total=page.total,
                    items=[book_document(shown) for shown in page.items],
                    next_cursor=cursor_after(search, page.after),
                )
            )

        return await self.showcase.show(("books", key_of(query)), make)

    async def create_book(self, _caller: Caller, body: api.NewBook, /) -> Reply[api.Book]:
        added = await self.add(_draft(body))
        return book_reply(201, added, location=f"/api/v1/books/{added.book.id}")

    async def replace_book(
        self,
        _caller: Caller,
        book_id: int,
        header: api.ReplaceBookHeader,
        body: api.NewBook,
        /,
    ) -> Reply[api.Book]:
        seen = precondition(header.if_match)
        return book_reply(200, await self.replace(BookId(book_id), _draft(body), seen))

    async def delete_book(self, _caller: Caller, book_id: int, /) -> None:
        await self.retire(BookId(book_id))

    async def import_books(
        self, _caller: Caller, query: api.ImportBooksQuery, body: bytes, /
    ) -> api.ImportReport:
        report = await self.load(
            Feed(
                name=query.feed,
                content=body,
                first_line=query.first_line,
                copies=query.copies,
                currency=query.currency,
            )
        )
        return api.ImportReport(
            received=report.received,
            created=report.created,
            unchanged=report.unchanged,
            refused=len(report.refusals),
            stocked=report.stocked,
            refusals=[_said(remark) for remark in report.refusals],
            notes=[_said(remark) for remark in report.notes],
        )


def _search(query: api.ListBooksQuery) -> BookSearch:
    if query.currency is None and (query.price_from, query.price_to) != (None, None):
        raise CurrencyMissingError
    return BookSearch(
        title=part("title", query.title),
        publisher=part("publisher", query.publisher),
        author_ids=tuple(map(AuthorId, query.author_ids or ())),
        category_id=None if query.category_id is None else CategoryId(query.category_id),
        isbn=query.isbn,
        ids=tuple(map(BookId, query.ids or ())),
        currency=query.currency,
        price_from=query.price_from,
        price_to=query.price_to,
        sort=BookSort(query.sort),
        descending=query.order is api.SortOrder.DESC,
        limit=query.limit,
        offset=skipped(query.offset, query.cursor),
    )


def _draft(body: api.NewBook) -> Draft:
    return Draft(
        title=body.title,
        isbn=None if body.isbn is None else isbn13(body.isbn),
        price=_price(body.price),
        description=body.description,
        category_id=None if body.category_id is None else CategoryId(body.category_id),
        publisher_id=None if body.publisher_id is None else PublisherId(body.publisher_id),
        author_ids=_credited(body.author_ids),
    )


def _credited(author_ids: list[int]) -> tuple[AuthorId, ...]:
    """Return the authors; raises AuthorRepeatedError."""
    for place, author_id in enumerate(author_ids):
        if author_id in author_ids[:place]:
            raise AuthorRepeatedError(AuthorId(author_id), f"/author_ids/{place}")
    return tuple(map(AuthorId, author_ids))


def _price(price: api.Price) -> Money:
    try:
        return Money(price.amount, price.currency)
    except UnknownCurrencyError as error:
        pointer = "/price/currency"
        field = FieldError(pointer=pointer, code=error.code, message=error.detail)
        raise UnknownCurrencyError(error.detail, field) from error


def _said(remark: Remark) -> api.ImportRemark:
    return api.ImportRemark(
        line=remark.line, book_id=remark.book_id, code=remark.code, reason=remark.reason
    )
