"""/api/v1/warehouses: where stock lies."""

from dataclasses import dataclass

from bookstore.contracts.openapi import inventory as api
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.warehouses import KeepWarehouses
from bookstore.inventory.domain.stock import WarehouseId
from bookstore.inventory.domain.warehouse import Description, Warehouse, described, legible
from bookstore.inventory.inbound.http.asked import part_of
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply, precondition


@dataclass(frozen=True, slots=True)
class WarehousesController(api.WarehousesApi):
    """Answers for warehouses, which are for staff."""

    look: Look
    keep: KeepWarehouses

    async def list_warehouses(
        self, _caller: Caller, query: api.ListWarehousesQuery, /
    ) -> api.WarehousePage:
        name = None if query.name is None else legible("name", query.name)
        page = await self.look.warehouses(name, part_of(query))
        return api.WarehousePage(total=page.total, items=[_document(w) for w in page.items])

    async def create_warehouse(
        self, _caller: Caller, body: api.NewWarehouse, /
    ) -> Reply[api.Warehouse]:
        warehouse = await self.keep.add(_description(body))
        return _reply(201, warehouse, location=f"/api/v1/warehouses/{warehouse.id}")

    async def get_warehouse(
        self, _caller: Caller, warehouse_id: int, _header: api.GetWarehouseHeader, /
    ) -> Reply[api.Warehouse]:
        return _reply(200, await self.look.warehouse(WarehouseId(warehouse_id)))

    async def replace_warehouse(
        self,
        _caller: Caller,
        warehouse_id: int,
        header: api.ReplaceWarehouseHeader,
        body: api.NewWarehouse,
        /,
    ) -> Reply[api.Warehouse]:
        seen = precondition(header.if_match)
        warehouse = await self.keep.change(WarehouseId(warehouse_id), _description(body), seen)
        return _reply(200, warehouse)

    async def delete_warehouse(self, _caller: Caller, warehouse_id: int, /) -> None:
        await self.keep.remove(WarehouseId(warehouse_id))


def _description(body: api.NewWarehouse) -> Description:
    return described(body.name, body.address, body.capacity)


def _reply(
    status: int, warehouse: Warehouse, *, location: str | None = None
) -> Reply[api.Warehouse]:
    return Reply(status, _document(warehouse), location=location, etag=str(warehouse.version))


def _document(warehouse: Warehouse) -> api.Warehouse:
    return api.Warehouse(
        id=warehouse.id,
        name=warehouse.description.name,
        address=warehouse.description.address,
        capacity=warehouse.description.capacity,
        created_at=warehouse.created_at,
        updated_at=warehouse.updated_at,
    )
