"""The gRPC APIs, for other services: books, authors, publishers and categories."""

from dataclasses import dataclass
from typing import TypeVar

from bookstore.catalog.application.find_books import FindBooks
from bookstore.catalog.application.keep_authors import KeepAuthors
from bookstore.catalog.application.keep_publishers import KeepPublishers
from bookstore.catalog.application.list_categories import ListCategories
from bookstore.catalog.application.search import BookSearch, BookSort, NameSearch, NameSort
from bookstore.catalog.domain.author import AuthorId
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.domain.publisher import PublisherId
from bookstore.catalog.inbound import messages
from bookstore.catalog.inbound.paging import continued, cursor_after
from bookstore.catalog.inbound.words import part
from bookstore.contracts.proto.author.v1 import author_pb2
from bookstore.contracts.proto.author.v1.author_pb2_grpc import AuthorServiceServicer
from bookstore.contracts.proto.book.v1 import book_pb2
from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceServicer
from bookstore.contracts.proto.category.v1 import category_pb2
from bookstore.contracts.proto.category.v1.category_pb2_grpc import CategoryServiceServicer
from bookstore.contracts.proto.common.v1 import page_pb2
from bookstore.contracts.proto.publisher.v1 import publisher_pb2
from bookstore.contracts.proto.publisher.v1.publisher_pb2_grpc import PublisherServiceServicer
from bookstore.kit.errors import FieldError, InvalidError

SortT = TypeVar("SortT", BookSort, NameSort)

_LARGEST_PAGE = 100
_MOST_PRICES = 1000


class PageInvalidError(InvalidError):
    """The page that is asked for cannot be: its size, its offset or its sort."""

    code = "page-invalid"

    def __init__(self, name: str, message: str) -> None:
        """Point at the field."""
        super().__init__(message, FieldError(pointer=name, code=self.code, message=message))


@dataclass(frozen=True, slots=True)
class BookService(BookServiceServicer):
    """Answers for book.v1.BookService."""

    find: FindBooks

    async def FindAllBooks(
        self, request: book_pb2.FindAllBooksRequest, _context: object
    ) -> book_pb2.FindAllBooksResponse:
        page = request.page
        search = continued(
            BookSearch(
                title=part("title", request.title if request.HasField("title") else None),
                publisher=part(
                    "publisher", request.publisher if request.HasField("publisher") else None
                ),
                author_ids=tuple(map(AuthorId, request.author_ids)),
                isbn=request.isbn if request.HasField("isbn") else None,
                ids=tuple(map(BookId, request.ids)),
                sort=_sort(BookSort.CREATED_AT, page),
                descending=_descending(page),
                limit=_limit(page),
                offset=_offset(page),
            ),
            page.cursor,
        )
        found = await self.find.plain(search)
        return book_pb2.FindAllBooksResponse(
            total=found.total,
            items=[messages.book(book) for book in found.items],
            next_cursor=cursor_after(search, found.after),
        )

    async def FindBook(
        self, request: book_pb2.FindBookRequest, _context: object
    ) -> book_pb2.FindBookResponse:
        book = await self.find.one(BookId(request.id))
        return book_pb2.FindBookResponse(book=messages.book(book))

    async def FindPrices(
        self, request: book_pb2.FindPricesRequest, _context: object
    ) -> book_pb2.FindPricesResponse:
        if len(request.book_ids) > _MOST_PRICES:
            raise PageInvalidError("book_ids", f"up to {_MOST_PRICES} books at once")
        prices = await self.find.prices([BookId(book_id) for book_id in request.book_ids])
        return book_pb2.FindPricesResponse(items=[messages.price(tag) for tag in prices])


@dataclass(frozen=True, slots=True)
class AuthorService(AuthorServiceServicer):
    """Answers for author.v1.AuthorService."""

    authors: KeepAuthors

    async def FindAllAuthors(
        self, request: author_pb2.FindAllAuthorsRequest, _context: object
    ) -> author_pb2.FindAllAuthorsResponse:
        book_id = BookId(request.book_id) if request.HasField("book_id") else None
        name = request.name if request.HasField("name") else None
        found = await self.authors.search(_names(request.page, name, book_id))
        return author_pb2.FindAllAuthorsResponse(
            total=found.total, items=[messages.author(author) for author in found.items]
        )

    async def FindAuthor(
        self, request: author_pb2.FindAuthorRequest, _context: object
    ) -> author_pb2.FindAuthorResponse:
        author = await self.authors.get(AuthorId(request.id))
        return author_pb2.FindAuthorResponse(author=messages.author(author))


@dataclass(frozen=True, slots=True)
class PublisherService(PublisherServiceServicer):
    """Answers for publisher.v1.PublisherService."""

    publishers: KeepPublishers

    async def FindAllPublishers(
        self, request: publisher_pb2.FindAllPublishersRequest, _context: object
    ) -> publisher_pb2.FindAllPublishersResponse:
        name = request.name if request.HasField("name") else None
        found = await self.publishers.search(_names(request.page, name, None))
        return publisher_pb2.FindAllPublishersResponse(
            total=found.total, items=[messages.publisher(one) for one in found.items]
        )

    async def FindPublisher(
        self, request: publisher_pb2.FindPublisherRequest, _context: object
    ) -> publisher_pb2.FindPublisherResponse:
        publisher = await self.publishers.get(PublisherId(request.id))
        return publisher_pb2.FindPublisherResponse(publisher=messages.publisher(publisher))


@dataclass(frozen=True, slots=True)
class CategoryService(CategoryServiceServicer):
    """Answers for category.v1.CategoryService."""

    categories: ListCategories

    async def FindAllCategories(
        self, _request: category_pb2.FindAllCategoriesRequest, _context: object
    ) -> category_pb2.FindAllCategoriesResponse:
        found = await self.categories()
        return category_pb2.FindAllCategoriesResponse(
            items=[messages.category(category) for category in found.items]
        )


def _names(page: page_pb2.PageRequest, name: str | None, book_id: BookId | None) -> NameSearch:
    return NameSearch(
        name=part("name", name),
        book_id=book_id,
        sort=_sort(NameSort.CREATED_AT, page),
        descending=_descending(page),
        limit=_limit(page),
        offset=_offset(page),
    )


def _sort(default: SortT, page: page_pb2.PageRequest) -> SortT:
    try:
        return type(default)(page.sort) if page.sort else default
    except ValueError as error:
        raise PageInvalidError("page.sort", f"{page.sort} is no sort field") from error


def _descending(page: page_pb2.PageRequest) -> bool:
    return page.order != page_pb2.SORT_ORDER_ASC


def _limit(page: page_pb2.PageRequest) -> int:
    if not 0 <= page.limit <= _LARGEST_PAGE:
        raise PageInvalidError("page.limit", f"a page has 1 to {_LARGEST_PAGE} items")
    return page.limit or 10


def _offset(page: page_pb2.PageRequest) -> int:
    if page.offset < 0:
        raise PageInvalidError("page.offset", "an offset is not negative")
    return page.offset
