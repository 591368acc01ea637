"""Warehouses."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from bookstore.inventory.application.ports import Page, Slice, Warehouses
from bookstore.inventory.domain.stock import WarehouseId
from bookstore.inventory.domain.warehouse import (
    Description,
    Warehouse,
    WarehouseInUseError,
    WarehouseNotFoundError,
)
from bookstore.inventory.outbound.sql.listing import Listing
from bookstore.inventory.outbound.tables import WAREHOUSE
from bookstore.kit.database import ForeignKeyViolation, Session, among, prepare
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold


class SqlWarehouses(Warehouses):
    """The table `warehouse`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, description: Description, at: datetime) -> Warehouse:
        added = self._session.run(
            _INSERT, **_values(description), created_at=at, updated_at=at, version=1
        )
        return Warehouse(
            id=WarehouseId(added.inserted_id),
            description=description,
            created_at=at,
            updated_at=at,
            version=1,
        )

    def get(self, warehouse_id: WarehouseId) -> Warehouse:
        row = self._session.run(_ONE, row=warehouse_id).one_or_none()
        if row is None:
            raise WarehouseNotFoundError(f"there is no warehouse {warehouse_id}")
        return _warehouse(row)

    def known(self, warehouse_ids: Collection[WarehouseId]) -> set[WarehouseId]:
        rows = self._session.run(_KNOWN, warehouse_ids=list(warehouse_ids))
        return {WarehouseId(row.id) for row in rows}

    def first(self, name: str | None) -> Warehouse | None:
        if name is None:
            row = self._session.run(_FIRST).one_or_none()
        else:
            row = self._session.run(_FIRST_NAMED, called=name).one_or_none()
        return None if row is None else _warehouse(row)

    def update(self, warehouse: Warehouse) -> None:
        updated = self._session.run(
            _UPDATE,
            **_values(warehouse.description),
            updated_at=warehouse.updated_at,
            version=warehouse.version,
            row=warehouse.id,
            was=warehouse.version - 1,
        )
        if updated.rowcount != 1:
            raise VersionMismatchError("it has changed meanwhile: read it again, then decide")

    def remove(self, warehouse_id: WarehouseId) -> None:
        try:
            removed = self._session.run(_DELETE, row=warehouse_id)
        except ForeignKeyViolation as error:
            raise WarehouseInUseError(f"stock lies in warehouse {warehouse_id}") from error
        if removed.rowcount != 1:
            raise WarehouseNotFoundError(f"there is no warehouse {warehouse_id}")

    def search(self, name: str | None, part: Slice) -> Page[Warehouse]:
        wanted = {"part": None if name is None else fold(name)}
        total, rows = _LIST.page(self._session, wanted, part)
        return Page(total, [_warehouse(row) for row in rows])


_ONE = prepare(select(WAREHOUSE).where(WAREHOUSE.c.id == bindparam("row")))
_KNOWN = prepare(select(WAREHOUSE.c.id).where(among(WAREHOUSE.c.id, "warehouse_ids")))
_OLDEST = select(WAREHOUSE).order_by(WAREHOUSE.c.id).limit(1)
_FIRST = prepare(_OLDEST)
_FIRST_NAMED = prepare(_OLDEST.where(WAREHOUSE.c.name == bindparam("called")))
_DELETE = prepare(delete(WAREHOUSE).where(WAREHOUSE.c.id == bindparam("row")))
_INSERT = prepare(
    insert(WAREHOUSE).values(
        {c: bindparam(c.name) for c in WAREHOUSE.c if c is not WAREHOUSE.c.id}
    )
)
_UPDATE = prepare(
    update(WAREHOUSE)
    .where(WAREHOUSE.c.id == bindparam("row"), WAREHOUSE.c.version == bindparam("was"))
    .values(
        {
            c: bindparam(c.name)
            for c in WAREHOUSE.c
            if c is not WAREHOUSE.c.id and c is not WAREHOUSE.c.created_at
        }
    )
)
_LIST = Listing(
    WAREHOUSE,
    {"part": func.instr(WAREHOUSE.c.folded_name, bindparam("part")) > 0},
    {"name": WAREHOUSE.c.folded_name},
)


def _values(description: Description) -> dict[str, object]:
    return {
        "name": description.name,
        "folded_name": fold(description.name),
        "address": description.address,
        "capacity": description.capacity,
    }


def _warehouse(row: Any) -> Warehouse:  # noqa: ANN401 — a row's type is made at run time
    return Warehouse(
        id=WarehouseId(row.id),
        description=Description(name=row.name, address=row.address, capacity=row.capacity),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
