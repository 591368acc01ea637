"""The gRPC APIs, for other services: books, authors, publishers and categories."""

from dataclasses import dataclass

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
from bookstore.kit.rpc import PageInvalidError, part_of

_MOST_PRICES = 1000


@dataclass(frozen=True, slots=True)
class BookService(BookServiceServicer):
    """Answers for book.v1.BookService."""

    find: FindBooks

    async def FindAllBooks(
        self, request: book_pb2.FindAllBooksRequest, _context: object
    ) -> book_pb2.FindAllBooksResponse:
        wanted = part_of(request.page, BookSort, has_cursors=True)
        search = continued(
            BookSearch(
                title=part("title", request.title if request.HasField("title") else None),
                publisher=part(
                    "publisher", request.publisher if request.HasField("publisher") else None
                ),
                author_ids=tuple(map(AuthorId, request.author_ids)),
                isbn=request.isbn if request.HasField("isbn") else None,
                ids=tuple(map(BookId, request.ids)),
                sort=BookSort(wanted.sort),
                descending=wanted.descending,
                limit=wanted.limit,
                offset=wanted.offset,
            ),
            wanted.cursor,
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
    wanted = part_of(page, NameSort, has_cursors=False)
    return NameSearch(
        name=part("name", name),
        book_id=book_id,
        sort=NameSort(wanted.sort),
        descending=wanted.descending,
        limit=wanted.limit,
        offset=wanted.offset,
    )
