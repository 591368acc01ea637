"""Ordering as a process of its own: `python -m bookstore.order serve|work|migrate`.

The embedded saga engine needs all six services in one process (`bookstore up`), so apart from
them ordering serves what only reads (ROLE=query), or leaves the sagas to Conductor: `serve` looks
after them then, and `work` does ordering's own steps.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bookstore.kit.process import Near, Process, WorkerProcess
from bookstore.kit.service import Service
from bookstore.order.app import MIGRATIONS, open_order
from bookstore.order.settings import Settings
from bookstore.saga.conductor.working import work_settings, working


def unfit(settings: Settings) -> Sequence[str]:
    """Say why ordering cannot place orders apart from the other services."""
    problem = (
        "ROLE: SAGA_ENGINE=embedded needs all six services in one process: run `bookstore up`, "
        "serve what only reads with ROLE=query, or have Conductor run the sagas with "
        "SAGA_ENGINE=conductor"
    )
    alone = settings.saga_engine == "embedded" and settings.role != "query"
    return (problem,) if alone else ()


@asynccontextmanager
async def opened(settings: Settings, near: Near) -> AsyncGenerator[Service]:
    """Open ordering; an embedded engine is not run."""
    catalog, identity, payment = near("catalog"), near("identity"), near("payment")
    async with open_order(
        settings, catalog=catalog, identity=identity, payment=payment
    ) as ordering:
        yield ordering.service


if __name__ == "__main__":
    Process(
        name="order",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        neighbours=("catalog", "identity", "payment"),
        unfit=unfit,
        worker=WorkerProcess(working, work_settings),
    ).main()
