"""What the engine tells whoever counts: metrics are made of it."""

from typing import Protocol

from bookstore.saga.ports import State, Status
from bookstore.saga.task import Kind


class Observer(Protocol):
    """Hears of every attempt and of every end, after they are durable."""

    def attempted(self, saga: str, step: str, kind: Kind, status: Status, seconds: float) -> None:
        """Hear how an attempt ended, and how long it took."""
        ...

    def came_to(self, saga: str, state: State) -> None:
        """Hear that a saga came to COMPLETED, COMPENSATED or STUCK."""
        ...


class Unobserved(Observer):
    """Nobody counts."""

    def attempted(self, saga: str, step: str, kind: Kind, status: Status, seconds: float) -> None:
        pass

    def came_to(self, saga: str, state: State) -> None:
        pass
