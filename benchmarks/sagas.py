"""How many sagas the embedded engine brings to their end: `python benchmarks/sagas.py`.

Six steps which do nothing, seven durable transactions each (the request, and an event per step)
on a SQLite file with synchronous=FULL. What is measured is the engine and its database alone.
"""

import asyncio
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bookstore.kit.database import open_database
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.ports import SagaRequest, State
from bookstore.saga.registry import Sagas
from bookstore.saga.spec import Saga, Step
from bookstore.saga.store import SqlSagas
from bookstore.saga.task import Output, Task

MIGRATIONS = Path(__file__).parents[1] / "libs/saga/tests/engine_migrations"
INPUT = {"order_id": "input.order_id"}
SIX_STEPS = Saga(
    "six_steps",
    1,
    (
        Step("place", do="shop.place", undo="shop.unplace", input=INPUT),
        Step("pay", do="shop.pay", undo="shop.unpay", input=INPUT),
        Step("mark", do="shop.mark", undo="shop.unmark", input=INPUT),
        Step("reserve", do="shop.reserve", undo="shop.release", input=INPUT, pivot=True),
        Step("capture", do="shop.capture", input=INPUT),
        Step("confirm", do="shop.confirm", input=INPUT),
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What so many sagas at a time came to: CPU is user and system time of this process."""

    at_once: int
    per_second: float
    cpu_ms: float


async def nothing(_task: Task) -> Output:
    """Do a step, at no cost."""
    return {}


async def measure(count: int, at_once: int) -> Measured:
    """Run so many sagas, some at a time, and say what they cost."""
    sagas = Sagas(SIX_STEPS)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(f"sqlite:///{folder}/sagas.db", MIGRATIONS) as database,
    ):
        ask = database.transact(lambda session: SqlSagas(session, sagas))
        engine = EmbeddedEngine(database, sagas)
        running = asyncio.create_task(engine.run(dict.fromkeys(SIX_STEPS.tasks, nothing)))
        slots = asyncio.Semaphore(at_once)

        async def one(saga_id: str) -> None:
            request = SagaRequest(
                name="six_steps", saga_id=saga_id, subject=saga_id, input={"order_id": saga_id}
            )
            async with slots:
                await ask(lambda log: log.request(request))
                engine.wake(saga_id)
                if await engine.ended(saga_id) != State.COMPLETED:
                    raise AssertionError(saga_id)

        await one("the first, which compiles the statements")
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(one(f"saga-{number}") for number in range(count)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return Measured(at_once, count / wall, cpu / count * 1000)


def main() -> None:
    """Print the figures for a lone saga and for crowds."""
    for at_once in (1, 16, 128):
        measured = uvloop.run(measure(2000, at_once))
        print(
            f"{at_once:4} at once: {measured.per_second:6.0f} sagas/s,"
            f" {measured.cpu_ms:.2f} ms CPU each"
        )


if __name__ == "__main__":
    main()
