"""Our tasks of the sagas: a task in, a unit of work, an answer out."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from bookstore.kit.errors import ConflictError
from bookstore.kit.transaction import Transact
from bookstore.order.application.advance_order import AdvanceOrder
from bookstore.order.application.ports import OrderStore
from bookstore.order.domain.ending import Cause
from bookstore.order.domain.order import OrderId
from bookstore.saga.participant import decoded, once
from bookstore.saga.task import Handler, Output, Reject, Task

Move = Callable[[OrderStore, OrderId], object]
MoveBack = Callable[[OrderStore, OrderId, Cause], object]


class _Forward(msgspec.Struct, frozen=True):
    order_id: UUID


class _Back(msgspec.Struct, frozen=True):
    order_id: UUID
    failed_step: str = ""
    code: str = ""
    reason: str = ""
    fields: tuple[dict[str, Any], ...] = ()


def tasks(transact: Transact[OrderStore], advance: AdvanceOrder) -> Mapping[str, Handler]:
    """Return a handler for each of our tasks."""
    forward: dict[str, Move] = {
        "order.place": advance.place,
        "order.mark_paid": advance.mark_paid,
        "order.confirm": advance.confirm,
        "order.begin_cancel": advance.begin_cancel,
        "order.finish_cancel": advance.finish_cancel,
        "order.begin_ship": advance.begin_ship,
    }
    back: dict[str, MoveBack] = {
        "order.cancel": advance.cancel,
        "order.unmark_paid": advance.unmark_paid,
    }
    handlers = {name: once(transact, _forward(move)) for name, move in forward.items()}
    return handlers | {name: once(transact, _back(move)) for name, move in back.items()}


def _forward(move: Move) -> Callable[[OrderStore, Task], Output]:
    def effect(store: OrderStore, task: Task) -> Output:
        wanted = decoded(task, _Forward)
        try:
            move(store, OrderId(wanted.order_id))
        except ConflictError as conflict:
            raise Reject(conflict.code, conflict.detail) from conflict
        return {}

    return effect


def _back(move: MoveBack) -> Callable[[OrderStore, Task], Output]:
    def effect(store: OrderStore, task: Task) -> Output:
        wanted = decoded(task, _Back)
        cause = Cause(
            step=wanted.failed_step, code=wanted.code, reason=wanted.reason, fields=wanted.fields
        )
        move(store, OrderId(wanted.order_id), cause)
        return {}

    return effect
