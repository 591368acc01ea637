"""A unit of work on its way to a database thread and back to who waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from typing import Any

from bookstore.kit.database.statement import Session
from bookstore.kit.transaction import ResultT, StoreT, Transact


class Unit:
    """A unit of work, and the future of its caller."""

    __slots__ = ("_claims", "error", "future", "loop", "result", "store", "timer", "work")

    def __init__(self, store: Callable[[Session], Any], work: Callable[[Any], Any]) -> None:
        self.store = store
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._claims = [self]

    def claim(self) -> bool:
        """Take it on; True for the first who does, in whatever thread."""
        try:
            self._claims.pop()
        except IndexError:
            return False
        return True


Queue = SimpleQueue[Unit | None]


class Stores(dict[Callable[[Session], Any], Any]):
    """The stores of one connection, each made when it is first asked for."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, make: Callable[[Session], Any]) -> Any:
        store = self[make] = make(self._session)
        return store


def through(ask: Callable[[Unit], None], store: Callable[[Session], StoreT]) -> Transact[StoreT]:
    """Offer to run units that are asked for like this."""

    def transact(work: Callable[[StoreT], ResultT]) -> Awaitable[ResultT]:
        unit = Unit(store, work)
        ask(unit)
        return unit.future

    return transact  # type: ignore[return-value]  # a future is awaited like a coroutine, at less cost


def attempt(unit: Unit, stores: Stores) -> None:
    """Run the work, and keep what comes of it in the unit."""
    unit.result = unit.error = None
    try:
        unit.result = unit.work(stores[unit.store])
    except BaseException as error:  # noqa: BLE001 — it is the caller's, whatever it is
        unit.error = error


def answer(units: list[Unit]) -> None:
    """Tell the callers, waking each event loop once."""
    for loop in {unit.loop for unit in units}:
        try:
            loop.call_soon_threadsafe(deliver, [unit for unit in units if unit.loop is loop])
        except RuntimeError:  # the loop has closed: nobody waits any more
            continue


def deliver(units: list[Unit]) -> None:
    """Tell the callers, in the thread of their event loop."""
    for unit in units:
        if unit.timer is not None:
            unit.timer.cancel()
        if unit.future.done():
            continue
        if unit.error is None:
            unit.future.set_result(unit.result)
        else:
            unit.future.set_exception(unit.error)
