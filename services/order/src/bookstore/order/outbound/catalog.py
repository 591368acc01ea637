"""Titles and prices from the catalog service."""

from collections.abc import Collection, Mapping

from grpc import aio

from bookstore.contracts.proto.book.v1.book_pb2 import FindPricesRequest
from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceStub
from bookstore.kit.money import Money
from bookstore.order.application.ports import PriceList
from bookstore.order.domain.basket import BookId, Offer


class CatalogPriceList(PriceList):
    """Asks the catalog at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._books = BookServiceStub(channel)

    async def offers(self, book_ids: Collection[BookId]) -> Mapping[BookId, Offer]:
        found = await self._books.FindPrices(FindPricesRequest(book_ids=book_ids))
        return {
            BookId(book.book_id): Offer(book.title, Money(book.price.amount, book.price.currency))
            for book in found.items
            if not book.retired
        }
