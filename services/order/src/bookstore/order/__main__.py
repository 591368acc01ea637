"""Ordering as a process of its own: `python -m bookstore.order serve|migrate`.

The embedded saga engine needs all six services in one process (`bookstore up`), so apart from
them ordering serves what only reads: ROLE=query.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bookstore.kit.http import Operation
from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service
from bookstore.kit.settings import SettingsError
from bookstore.order.app import MIGRATIONS, open_order
from bookstore.order.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, near: Near) -> AsyncGenerator[Service]:
    """Open what may be served without the engine; raises SettingsError for the rest."""
    if settings.role != "query":
        raise SettingsError(
            "ROLE: SAGA_ENGINE=embedded needs all six services in one process: run "
            "`bookstore up`, or serve what only reads with ROLE=query"
        )
    neighbours = near("catalog"), near("identity")
    async with open_order(settings, catalog=neighbours[0], identity=neighbours[1]) as ordering:
        whole = ordering.service
        reads = [operation for operation in whole.operations if _only_reads(operation)]
        yield replace(whole, operations=reads, tasks={}, background=())


def _only_reads(operation: Operation) -> bool:
    return operation.method == "GET" or operation.path == "/api/v1/orders/quote"


if __name__ == "__main__":
    Process(name="order", settings=Settings, migrations=MIGRATIONS, open=opened).main()
