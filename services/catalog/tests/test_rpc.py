"""The catalog over gRPC, as its neighbours call it."""

import pytest
from tests.harness.pages import IMPOSSIBLE_PAGES

from bookstore.catalog.domain.author import AuthorDraft
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.domain.category import CategoryId
from bookstore.catalog.domain.publisher import PublisherDraft
from bookstore.contracts.proto.author.v1 import author_pb2
from bookstore.contracts.proto.author.v1.author_pb2_grpc import AuthorServiceStub
from bookstore.contracts.proto.book.v1 import book_pb2
from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceStub
from bookstore.contracts.proto.category.v1 import category_pb2
from bookstore.contracts.proto.category.v1.category_pb2_grpc import CategoryServiceStub
from bookstore.contracts.proto.common.v1 import page_pb2
from bookstore.contracts.proto.publisher.v1 import publisher_pb2
from bookstore.contracts.proto.publisher.v1.publisher_pb2_grpc import PublisherServiceStub
from bookstore.kit.errors import InvalidError, NotFoundError
from bookstore.kit.rpc import Loopback
from services.catalog.tests.builders import REFACTORING, a_draft
from services.catalog.tests.conftest import Shop


@pytest.fixture
def loopback(shop: Shop) -> Loopback:
    now, store = shop.clock.now(), shop.store
    martin = store.authors.add(AuthorDraft("Robert C. Martin"), now)
    pearson = store.publishers.add(PublisherDraft("Pearson", "London"), now)
    store.books.add(
        a_draft(author_ids=(martin.id,), publisher_id=pearson.id, category_id=CategoryId(21)),
        now,
    )
    store.books.add(a_draft(title="Refactoring", isbn=REFACTORING), now)
    channel = Loopback()
    for register in shop.service().rpc:
        register(channel.server)
    return channel


async def test_a_book_is_found_with_whom_it_names(loopback: Loopback) -> None:
    found = await BookServiceStub(loopback.channel).FindBook(book_pb2.FindBookRequest(id=1))

    book = found.book
    assert (book.title, book.isbn) == ("Clean Code", "9780132350884")
    assert (book.price.amount, book.price.currency) == (3999, "USD")
    assert [author.name for author in book.authors] == ["Robert C. Martin"]
    assert (book.publisher.name, book.publisher.address) == ("Pearson", "London")
    assert book.category.name == "Coding Practices"
    assert book.created_at.ToJsonString() == "2026-01-01T00:00:00Z"


async def test_a_book_that_is_not_there_is_not_found(loopback: Loopback) -> None:
    with pytest.raises(NotFoundError) as missing:
        await BookServiceStub(loopback.channel).FindBook(book_pb2.FindBookRequest(id=9))

    assert missing.value.code == "book-not-found"


async def test_books_are_found_a_page_at_a_time(loopback: Loopback) -> None:
    stub = BookServiceStub(loopback.channel)
    page = page_pb2.PageRequest(sort="title", order=page_pb2.SORT_ORDER_ASC, limit=1)

    first = await stub.FindAllBooks(book_pb2.FindAllBooksRequest(page=page))
    page.cursor = first.next_cursor
    second = await stub.FindAllBooks(book_pb2.FindAllBooksRequest(page=page))

    assert (first.total, [book.title for book in first.items]) == (2, ["Clean Code"])
    assert [book.title for book in second.items] == ["Refactoring"]
    assert not second.HasField("next_cursor")


@pytest.mark.parametrize(
    "request_",
    [
        book_pb2.FindAllBooksRequest(title="CLEAN"),
        book_pb2.FindAllBooksRequest(publisher="pear"),
        book_pb2.FindAllBooksRequest(author_ids=[1]),
        book_pb2.FindAllBooksRequest(isbn="9780132350884"),
        book_pb2.FindAllBooksRequest(ids=[1, 7]),
    ],
)
async def test_books_are_found_by_each_filter(
    loopback: Loopback, request_: book_pb2.FindAllBooksRequest
) -> None:
    found = await BookServiceStub(loopback.channel).FindAllBooks(request_)

    assert [book.id for book in found.items] == [1]


@pytest.mark.parametrize(("page", "code"), IMPOSSIBLE_PAGES.values(), ids=IMPOSSIBLE_PAGES)
async def test_a_page_that_cannot_be_is_refused(
    loopback: Loopback, page: page_pb2.PageRequest, code: str
) -> None:
    channel = loopback.channel
    for ask in (
        BookServiceStub(channel).FindAllBooks(book_pb2.FindAllBooksRequest(page=page)),
        AuthorServiceStub(channel).FindAllAuthors(author_pb2.FindAllAuthorsRequest(page=page)),
        PublisherServiceStub(channel).FindAllPublishers(
            publisher_pb2.FindAllPublishersRequest(page=page)
        ),
    ):
        with pytest.raises(InvalidError) as refused:
            await ask
        assert refused.value.code == code


@pytest.mark.parametrize("blank", ["", " ", "\u200b"])
async def test_a_filter_in_which_there_is_nothing_is_refused(
    loopback: Loopback, blank: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await BookServiceStub(loopback.channel).FindAllBooks(
            book_pb2.FindAllBooksRequest(title=blank)
        )

    assert refused.value.code == "filter-blank"


async def test_prices_tell_retired_books_and_leave_out_unknown_ones(
    loopback: Loopback, shop: Shop
) -> None:
    shop.store.books.retire(BookId(2), shop.clock.now())

    found = await BookServiceStub(loopback.channel).FindPrices(
        book_pb2.FindPricesRequest(book_ids=[2, 9, 1])
    )

    assert [(item.book_id, item.title, item.retired) for item in found.items] == [
        (1, "Clean Code", False),
        (2, "Refactoring", True),
    ]


async def test_prices_are_asked_for_a_thousand_books_at_most(loopback: Loopback) -> None:
    with pytest.raises(InvalidError):
        await BookServiceStub(loopback.channel).FindPrices(
            book_pb2.FindPricesRequest(book_ids=range(1, 1002))
        )


async def test_authors_are_found(loopback: Loopback) -> None:
    stub = AuthorServiceStub(loopback.channel)

    one = await stub.FindAuthor(author_pb2.FindAuthorRequest(id=1))
    named = await stub.FindAllAuthors(author_pb2.FindAllAuthorsRequest(name="martin"))
    wrote = await stub.FindAllAuthors(author_pb2.FindAllAuthorsRequest(book_id=2))

    assert (one.author.name, one.author.version) == ("Robert C. Martin", 1)
    assert (named.total, wrote.total) == (1, 0)


async def test_publishers_are_found(loopback: Loopback) -> None:
    stub = PublisherServiceStub(loopback.channel)

    one = await stub.FindPublisher(publisher_pb2.FindPublisherRequest(id=1))
    named = await stub.FindAllPublishers(publisher_pb2.FindAllPublishersRequest(name="x"))

    assert (one.publisher.name, one.publisher.address) == ("Pearson", "London")
    assert named.total == 0


async def test_categories_are_found(loopback: Loopback) -> None:
    found = await CategoryServiceStub(loopback.channel).FindAllCategories(
        category_pb2.FindAllCategoriesRequest()
    )

    assert [item.id for item in found.items] == list(range(1, 24))
