"""What any `Reservations`, `Warehouses` and `Keys` must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookstore.inventory.application.ports import Key, ReservationSearch, Slice
from bookstore.inventory.domain.reservation import Status
from bookstore.inventory.domain.stock import Cause, WarehouseId
from bookstore.inventory.domain.warehouse import (
    WarehouseInUseError,
    WarehouseNotFoundError,
)
from bookstore.inventory.inbound.worker import Desk
from bookstore.kit.errors import IdempotencyKeyReusedError, VersionMismatchError
from bookstore.kit.transaction import Transact
from services.inventory.tests.builders import (
    BY_HAND,
    HOBBIT,
    NOON,
    a_description,
    a_draft,
    a_stock,
    an_order,
)

LATER = NOON + timedelta(seconds=1)


async def test_what_an_order_holds_is_settled_once_and_stays_on_record(
    transact: Transact[Desk],
) -> None:
    mine, other = Cause(order_id=an_order(1)), Cause(order_id=an_order(2))
    changes = [
        a_stock(5, place=2).reserved_for(2, mine, NOON),
        a_stock(5, place=1).reserved_for(1, mine, NOON),
        a_stock(5, place=1).reserved_for(3, other, NOON),
    ]
    await transact(lambda desk: desk.reservations.hold(changes, NOON))

    held = await transact(lambda desk: desk.reservations.held(an_order(1)))
    assert [(r.warehouse_id, r.quantity, r.status) for r in held] == [
        (1, 1, Status.HELD),
        (2, 2, Status.HELD),
    ]

    await transact(lambda desk: desk.reservations.settle(an_order(1), Status.SHIPPED, LATER))
    await transact(lambda desk: desk.reservations.settle(an_order(1), Status.RELEASED, LATER))

    async def found(search: ReservationSearch) -> list[tuple[int, Status]]:
        page = await transact(
            lambda desk: desk.reservations.search(search, Slice(descending=False))
        )
        assert page.total == len(page.items)
        return [(r.quantity, r.status) for r in page.items]

    assert await transact(lambda desk: desk.reservations.held(an_order(1))) == []
    assert await found(ReservationSearch(order_id=an_order(1))) == [
        (2, Status.SHIPPED),
        (1, Status.SHIPPED),
    ]
    assert await found(ReservationSearch(status=Status.HELD)) == [(3, Status.HELD)]
    assert len(await found(ReservationSearch(book_id=HOBBIT))) == 3


async def test_a_warehouse_is_found_by_id_and_by_name(transact: Transact[Desk]) -> None:
    added = await transact(
        lambda desk: desk.warehouses.add(a_description("İzmir Straße", "1 Quay"), LATER)
    )

    assert await transact(lambda desk: desk.warehouses.get(added.id)) == added
    assert await transact(lambda desk: desk.warehouses.first("İzmir Straße")) == added
    assert await transact(lambda desk: desk.warehouses.first("izmir")) is None
    oldest = await transact(lambda desk: desk.warehouses.first(None))
    assert oldest is not None
    assert oldest.id == 1
    known = await transact(lambda desk: desk.warehouses.known([added.id, WarehouseId(99)]))
    assert known == {added.id}

    async def named(name: str | None, part: Slice) -> list[str]:
        page = await transact(lambda desk: desk.warehouses.search(name, part))
        return [warehouse.description.name for warehouse in page.items]

    assert await named("STRASSE", Slice()) == ["İzmir Straße"]
    assert await named("izmir", Slice()) == ["İzmir Straße"]
    assert await named("%", Slice()) == []
    assert await named(None, Slice(sort="name", descending=False)) == [
        "Annex",
        "İzmir Straße",
        "Main",
    ]


async def test_a_warehouse_changes_from_the_version_that_was_seen(
    transact: Transact[Desk],
) -> None:
    before = await transact(lambda desk: desk.warehouses.get(WarehouseId(1)))
    after = replace(before, description=a_description("Moved"), updated_at=LATER, version=2)

    await transact(lambda desk: desk.warehouses.update(after))

    assert await transact(lambda desk: desk.warehouses.get(WarehouseId(1))) == after
    with pytest.raises(VersionMismatchError):
        await transact(lambda desk: desk.warehouses.update(after))


async def test_a_warehouse_goes_when_no_stock_lies_there(transact: Transact[Desk]) -> None:
    await transact(lambda desk: desk.stocks.add(a_draft(place=1), BY_HAND, NOON))

    await transact(lambda desk: desk.warehouses.remove(WarehouseId(2)))

    with pytest.raises(WarehouseInUseError):
        await transact(lambda desk: desk.warehouses.remove(WarehouseId(1)))
    with pytest.raises(WarehouseNotFoundError):
        await transact(lambda desk: desk.warehouses.get(WarehouseId(2)))
    with pytest.raises(WarehouseNotFoundError):
        await transact(lambda desk: desk.warehouses.remove(WarehouseId(2)))


async def test_a_key_gives_one_effect_and_one_answer(transact: Transact[Desk]) -> None:
    def asked(key: str | None, quantity: int = 5, owner: str = "ada") -> Key:
        return Key(
            owner=owner, operation="count", key=key, request={"quantity": quantity}, at=NOON
        )

    effects = iter(range(1, 10))

    async def ask(key: Key) -> int:
        return await transact(lambda desk: desk.keys.once(key, lambda: next(effects), int))

    assert [await ask(asked("k")), await ask(asked("k"))] == [1, 1]
    assert [await ask(asked(None)), await ask(asked(None))] == [2, 3]
    assert await ask(asked("k", owner="bob")) == 4
    with pytest.raises(IdempotencyKeyReusedError):
        await ask(asked("k", quantity=6))
