"""The books we sell, as catalog knows them."""

from collections.abc import Collection

from grpc import aio

from bookstore.contracts.proto.book.v1.book_pb2 import FindPricesRequest
from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceStub
from bookstore.customer.application.ports import BookList
from bookstore.customer.domain.wishlist import BookId


class CatalogBookList(BookList):
    """Asks the catalog at the other end of the channel; a request names a thousand at most."""

    def __init__(self, channel: aio.Channel) -> None:
        self._books = BookServiceStub(channel)

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        found = await self._books.FindPrices(FindPricesRequest(book_ids=sorted(book_ids)))
        on_sale = {BookId(price.book_id) for price in found.items if not price.retired}
        return set(book_ids) - on_sale
