"""Ordering as a process of its own: `python -m bookstore.order serve|migrate`.

The embedded saga engine needs all six services in one process (`bookstore up`), so apart from
them ordering serves what only reads: ROLE=query.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service
from bookstore.order.app import MIGRATIONS, open_order
from bookstore.order.settings import Settings


def unfit(settings: Settings) -> Sequence[str]:
    """Say why ordering cannot place orders apart from the other services."""
    problem = (
        "ROLE: SAGA_ENGINE=embedded needs all six services in one process: run `bookstore up`, "
        "or serve what only reads with ROLE=query"
    )
    return () if settings.role == "query" else (problem,)


@asynccontextmanager
async def opened(settings: Settings, near: Near) -> AsyncGenerator[Service]:
    """Open ordering, without running its engine."""
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
    ).main()
