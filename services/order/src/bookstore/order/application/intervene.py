"""What staff can do about a saga that got stuck; who did it, and why, is in its timeline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bookstore.kit.errors import ConflictError
from bookstore.kit.transaction import Transact
from bookstore.order.application.cancel_order import refund
from bookstore.order.application.ports import OrderStore, Settlements
from bookstore.order.domain.order import OrderId
from bookstore.order.domain.refusals import readable
from bookstore.saga.ports import (
    SagaEngine,
    SagaNotFoundError,
    SagaNotStuckError,
    SagaSummary,
    SagaView,
    State,
)


class NotAbandonableError(ConflictError):
    """Only a purchase can be abandoned: its order is cancelled instead."""

    code = "saga-not-abandonable"


class NotSettleableError(ConflictError):
    """Only a refund that the card network declines for good can be settled outside."""

    code = "saga-not-settleable"


@dataclass(frozen=True, slots=True)
class Intervene:
    """Looks at sagas, and gets them going again; `by` is whoever decides so."""

    read: Transact[OrderStore]
    engine: SagaEngine
    settlements: Settlements

    async def page(
        self, state: State | None, created_before: datetime | None, limit: int, offset: int
    ) -> tuple[int, list[SagaSummary]]:
        """Return how many such sagas there are, and some of them, the oldest first."""
        return await self.read(
            lambda store: store.sagas.page(
                state=state, created_before=created_before, limit=limit, offset=offset
            )
        )

    async def get(self, saga_id: str) -> SagaView:
        """Look at one saga; raises SagaNotFoundError."""
        view = await self.read(lambda store: store.sagas.find(saga_id))
        if view is None:
            raise SagaNotFoundError(f"there is no saga {saga_id}")
        return view

    async def retry(self, saga_id: str, *, by: str) -> SagaView:
        """Try the step that got stuck again."""
        await self.engine.retry(saga_id, by=by)
        return await self.get(saga_id)

    async def retry_all(self, *, by: str) -> int:
        """Try every saga that got stuck again; return how many."""
        return await self.engine.retry_all(by=by)

    async def abandon(self, saga_id: str, *, by: str, reason: str, traceparent: str) -> SagaView:
        """Give a purchase up: fence its saga off and cancel its order, in the request's trace."""
        saga = await self.get(saga_id)
        if saga.name != "place_order":
            raise NotAbandonableError(f"saga {saga_id} is {saga.name}, no purchase")
        why = readable(reason, "/reason")
        then = refund(OrderId(UUID(saga.subject)), traceparent)
        await self.engine.abandon(saga_id, by=by, reason=why, then=then)
        return await self.get(saga_id)

    async def settle(self, saga_id: str, *, by: str, reason: str) -> SagaView:
        """Let a cancellation go on as if its refund had been made, which it never will be then.

        The payment is settled first: if we are cut off in between, the saga is still stuck, and
        settling or retrying it goes on from there without paying anything.
        """
        saga = await self.get(saga_id)
        why = readable(reason, "/reason")
        at_refund = saga.timeline and saga.timeline[-1].step == "refund_payment"
        if saga.name != "cancel_order" or not at_refund:
            raise NotSettleableError(f"saga {saga_id} does not stand at a refund")
        if saga.state != State.STUCK:
            raise SagaNotStuckError(f"saga {saga_id} is {saga.state}, not stuck")
        await self.settlements.settle(OrderId(UUID(saga.subject)))
        await self.engine.settle(saga_id, by=by, reason=why)
        return await self.get(saga_id)
