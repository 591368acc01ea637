"""Payment as a process of its own: `python -m bookstore.payment serve|migrate`.

ROLE=query serves what only reads; ROLE=command serves what writes, works on the sagas' tasks
and sweeps.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service
from bookstore.payment.app import MIGRATIONS, open_payment
from bookstore.payment.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, near: Near) -> AsyncGenerator[Service]:
    """Open payment and its neighbour, and offer what the role asks for."""
    async with open_payment(settings, order=near("order")) as whole:
        reads = [operation for operation in whole.operations if operation.method == "GET"]
        writes = [operation for operation in whole.operations if operation.method != "GET"]
        match settings.role:
            case "query":
                yield replace(whole, operations=reads, tasks={}, background=())
            case "command":
                yield replace(whole, operations=writes, rpc=())
            case "all":
                yield whole


if __name__ == "__main__":
    Process(name="payment", settings=Settings, migrations=MIGRATIONS, open=opened).main()
