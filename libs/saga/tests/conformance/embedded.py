"""The embedded engine under the conformance suite."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from bookstore.kit.database import Database, Hold, Session, open_database
from bookstore.kit.transaction import ResultT, StoreT, Transact
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.journal import FencedError
from bookstore.saga.ports import (
    SagaExistsError,
    SagaNotStuckError,
    SagaRequest,
    SagaSummary,
    SagaView,
    State,
)
from bookstore.saga.registry import Sagas
from bookstore.saga.store import SqlSagas
from libs.saga.tests.conformance.driver import Driver
from libs.saga.tests.conformance.sagas import CHECKOUT, RETURN
from libs.saga.tests.conformance.shop import Shop

HERE = Path(__file__).parent.parent
ALL = ("place", "pay", "mark", "reserve", "wrap", "capture", "confirm", "begin", "refund")


class Mortal(Database):
    """A database whose `deadly` transaction is the last its engine makes, kept or not."""

    def __init__(self, database: Database, kill: Callable[[], None]) -> None:
        self.lasting = database
        self._kill = kill
        self.deadly = 0
        self.kept = False
        self.written = 0

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        write = self.lasting.transact(store)

        async def transact(work: Callable[[StoreT], ResultT]) -> ResultT:
            self.written += 1
            if self.written != self.deadly:
                return await write(work)
            if self.kept:
                await write(work)
            self._kill()
            await asyncio.sleep(60)
            raise AssertionError("it lives")

        return transact

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self.lasting.read(store)

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self.lasting.glance(store)

    def alone(self, what: str, /) -> AbstractAsyncContextManager[Hold]:
        return self.lasting.alone(what)


class Embedded(Driver):
    def __init__(self, database: Database, shop: Shop) -> None:
        self.database = Mortal(database, self.kill)
        self.shop = shop
        self.shop.kill = self.kill
        self._release(Sagas(CHECKOUT, RETURN))
        self.running: asyncio.Task[None] | None = None

    def _release(self, sagas: Sagas) -> None:
        self.sagas = sagas
        self._ask = self.database.lasting.transact(lambda session: SqlSagas(session, sagas))
        self.engine = EmbeddedEngine(self.database, sagas)

    async def start(self, saga_id: str, name: str = "checkout") -> None:
        request = SagaRequest(
            name=name, saga_id=saga_id, subject=f"order-{saga_id}", input={"order_id": saga_id}
        )
        with suppress(SagaExistsError):
            await self._ask(lambda sagas: sagas.request(request))
        self.engine.wake(saga_id)

    async def end(self, saga_id: str) -> State:
        async with asyncio.timeout(20):
            while True:
                if self.running is None or self.running.done():
                    await self.restart()
                assert self.running is not None
                ended = asyncio.ensure_future(self.engine.ended(saga_id))
                await asyncio.wait({ended, self.running}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return await ended
                ended.cancel()

    async def view(self, saga_id: str) -> SagaView:
        view = await self._ask(lambda sagas: sagas.find(saga_id))
        assert view is not None
        return view

    async def listed(self) -> list[SagaSummary]:
        """Return all sagas as a list shows them."""
        _total, sagas = await self._ask(
            lambda sagas: sagas.page(state=None, created_before=None, limit=9, offset=0)
        )
        return sagas

    async def retry(self, saga_id: str) -> None:
        """Retry as staff do: again, if the process died over it."""
        assert self.running is not None
        asked = asyncio.ensure_future(self._retry(saga_id))
        await asyncio.wait({asked, self.running}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done():
            return await asked
        asked.cancel()
        await self.restart()
        async with asyncio.timeout(20):
            while True:
                try:
                    return await self._retry(saga_id)
                except FencedError:  # the new engine has yet to take over
                    await asyncio.sleep(0.001)
                except SagaNotStuckError:  # it was kept, and only the answer was lost
                    return None

    async def _retry(self, saga_id: str) -> None:
        await self.engine.retry(saga_id, by="staff", reason="mended")

    async def settle(self, saga_id: str) -> None:
        await self.engine.settle(saga_id, by="staff", reason="paid back by hand")

    async def abandon(self, saga_id: str, then: str) -> None:
        request = SagaRequest(
            name="take_back", saga_id=then, subject=saga_id, input={"order_id": saga_id}
        )
        await self.engine.abandon(saga_id, by="staff", reason="cannot be had", then=request)

    def kill(self) -> None:
        if self.running is not None:
            self.running.cancel()

    async def restart(self, sagas: Sagas | None = None) -> None:
        await self.stop()
        self._release(sagas or self.sagas)
        self.running = asyncio.create_task(self.engine.run(self.shop.handlers(*ALL)))

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError, FencedError):
                await self.running


@asynccontextmanager
async def embedded() -> AsyncIterator[Embedded]:
    """Open an engine over databases in memory."""
    with (
        open_database("sqlite://", HERE / "engine_migrations") as sagas,
        open_database("sqlite://", HERE / "shop_migrations") as effects,
    ):
        driver = Embedded(sagas, Shop(effects))
        try:
            await driver.restart()
            yield driver
        finally:
            await driver.stop()
            for stray in driver.shop.stray:
                stray.cancel()
            await asyncio.gather(*driver.shop.stray, return_exceptions=True)
