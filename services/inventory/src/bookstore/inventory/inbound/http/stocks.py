"""/api/v1/stocks: the copies of each book in each warehouse."""

from dataclasses import dataclass

from bookstore.contracts.openapi import inventory as api
from bookstore.inventory.application.create_stock import CreateStock
from bookstore.inventory.application.edit_stock import AdjustStock, RemoveStock, ReplaceStock
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.ports import StockSearch
from bookstore.inventory.application.stock_many import CreateStocks
from bookstore.inventory.domain.stock import BookId, Draft, Stock, StockId, WarehouseId
from bookstore.inventory.inbound.http.asked import part_of, whoever
from bookstore.inventory.inbound.http.ledger import movement_document
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply, precondition

_REVALIDATE = {"Cache-Control": "no-cache"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StocksController(api.StocksApi):
    """Answers for stock rows; anybody may look, staff may change."""

    look: Look
    create: CreateStock
    create_many: CreateStocks
    replace: ReplaceStock
    adjust: AdjustStock
    remove: RemoveStock

    async def list_stocks(self, _caller: Caller, query: api.ListStocksQuery, /) -> api.StockPage:
        search = StockSearch(book_id=query.book_id, warehouse_id=query.warehouse_id)
        page = await self.look.stocks(search, part_of(query))
        return api.StockPage(total=page.total, items=[_document(stock) for stock in page.items])

    async def create_stock(
        self, caller: Caller, header: api.CreateStockHeader, body: api.NewStock, /
    ) -> Reply[api.Stock]:
        stock = await self.create(_draft(body), by=whoever(caller), key=header.idempotency_key)
        return _reply(201, stock, location=f"/api/v1/stocks/{stock.id}")

    async def create_stocks(self, caller: Caller, body: api.NewStocks, /) -> api.BulkReport:
        created = await self.create_many([_draft(item) for item in body.items], by=whoever(caller))
        return api.BulkReport(created=created, existing=len(body.items) - created)

    async def get_stock(
        self, _caller: Caller, stock_id: int, _header: api.GetStockHeader, /
    ) -> Reply[api.Stock]:
        return _reply(200, await self.look.stock(StockId(stock_id)), headers=_REVALIDATE)

    async def replace_stock(
        self, caller: Caller, stock_id: int, header: api.ReplaceStockHeader, body: api.NewStock, /
    ) -> Reply[api.Stock]:
        seen = precondition(header.if_match)
        stock = await self.replace(StockId(stock_id), _draft(body), seen, by=whoever(caller))
        return _reply(200, stock)

    async def delete_stock(self, caller: Caller, stock_id: int, /) -> None:
        await self.remove(StockId(stock_id), by=whoever(caller))

    async def adjust_stock(
        self,
        caller: Caller,
        stock_id: int,
        header: api.AdjustStockHeader,
        body: api.NewAdjustment,
        /,
    ) -> Reply[api.Movement]:
        movement = await self.adjust(
            StockId(stock_id),
            body.quantity,
            body.reason,
            by=whoever(caller),
            key=header.idempotency_key,
        )
        document = movement_document(movement)
        return Reply(201, document, location=f"/api/v1/movements/{movement.id}")


def _draft(body: api.NewStock) -> Draft:
    return Draft(
        book_id=BookId(body.book_id),
        warehouse_id=WarehouseId(body.warehouse_id),
        quantity=body.quantity,
    )


def _reply(
    status: int,
    stock: Stock,
    *,
    location: str | None = None,
    headers: dict[str, str] | None = None,
) -> Reply[api.Stock]:
    return Reply(
        status, _document(stock), location=location, etag=str(stock.version), headers=headers or {}
    )


def _document(stock: Stock) -> api.Stock:
    return api.Stock(
        id=stock.id,
        book_id=stock.book_id,
        warehouse_id=stock.warehouse_id,
        quantity=stock.quantity,
        reserved_quantity=stock.reserved,
        created_at=stock.created_at,
        updated_at=stock.updated_at,
    )
