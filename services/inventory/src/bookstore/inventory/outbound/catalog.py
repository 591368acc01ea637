"""The books we sell, as catalog knows them."""

from collections.abc import Collection, Sequence
from itertools import islice

from grpc import aio

from bookstore.contracts.proto.book.v1.book_pb2 import FindPricesRequest
from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceStub
from bookstore.inventory.application.ports import BookList
from bookstore.inventory.domain.stock import BookId

_AT_ONCE = 1000


class CatalogBookList(BookList):
    """Asks the catalog at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._books = BookServiceStub(channel)

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        missing = set(book_ids)
        waiting = iter(sorted(book_ids))
        while chunk := list(islice(waiting, _AT_ONCE)):
            missing -= await self._on_sale(chunk)
        return missing

    async def _on_sale(self, book_ids: Sequence[BookId]) -> set[BookId]:
        found = await self._books.FindPrices(FindPricesRequest(book_ids=book_ids))
        return {BookId(price.book_id) for price in found.items if not price.retired}
