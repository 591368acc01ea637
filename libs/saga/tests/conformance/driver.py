"""How the conformance suite handles an engine, whichever it is."""

from typing import Protocol

from bookstore.saga.ports import SagaView, State
from bookstore.saga.registry import Sagas
from libs.saga.tests.conformance.shop import Shop


class Driver(Protocol):
    """An engine with the shop as its only participant."""

    shop: Shop

    async def start(self, saga_id: str, name: str = "checkout") -> None:
        """Ask for a saga about an order; once per id, however often it is asked for."""
        ...

    async def end(self, saga_id: str) -> State:
        """Return how it ended, or STUCK; where an engine was killed, another goes on."""
        ...

    async def view(self, saga_id: str) -> SagaView:
        """Return what people see."""
        ...

    async def retry(self, saga_id: str) -> None:
        """Let a stuck saga go on."""
        ...

    async def settle(self, saga_id: str) -> None:
        """Count the step at which a saga is stuck as settled by people."""
        ...

    async def abandon(self, saga_id: str, then: str) -> None:
        """End a stuck saga where it stands, and have a `take_back` put it right."""
        ...

    def kill(self) -> None:
        """Kill the engine, at once."""
        ...

    async def restart(self, sagas: Sagas | None = None) -> None:
        """Kill the engine and start another, perhaps of a newer release."""
        ...
