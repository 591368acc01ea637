"""A store that was really run on a server: all six services and the card network, and its orders.

They are served by this process, as `bookstore up` does it on files.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import uvicorn
from apps.bookstore.tests.a_real_store import live
from tests.databases.things import column, name_of
from tests.harness.databases import SERVER, an_empty_database, execute
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD
from tools.servers.ports import free_port

from bookstore.cli.embedded import open_store
from bookstore.cli.folder import DATABASES, Folder
from bookstore.kit.http.heads import Heads
from bookstore.kit.jobs import keep_running

_BY_HAND: Final = (  # whatever the tables forbid, as far as the server lets us
    "SET SESSION foreign_key_checks = 0",
    *(("SET SESSION check_constraint_checks = 0",) if SERVER == "mariadb" else ()),
)


@dataclass(frozen=True)
class OnServer(Folder):
    """A folder whose databases are on a server."""

    urls: Mapping[str, str] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return self.urls[name]


@dataclass(frozen=True)
class Lived:
    """Where its databases are, and its orders' ids by how they ended."""

    urls: Mapping[str, str]
    orders: Mapping[str, str]

    def named(self, text: str) -> str:
        """Put the orders' ids in the place of their names."""
        for name, order in self.orders.items():
            text = text.replace(f"{{{name}}}", order)
        return text

    @contextmanager
    def corrupted(self, change: str, *, of: str | None = None) -> Iterator[None]:
        """Do something to the data by hand, and put them right again."""
        table = change.replace("DELETE FROM", "UPDATE").replace("INSERT INTO", "UPDATE").split()[1]
        (url,) = [self.urls[of]] if of else [u for u in self.urls.values() if table in tables(u)]
        database = name_of(url)
        execute(f"CREATE TABLE {database}.kept AS SELECT * FROM {database}.{table}")
        try:
            execute(f"USE {database}", *_BY_HAND, self.named(change))
            yield
        finally:
            restore = f"INSERT INTO {database}.{table} SELECT * FROM {database}.kept"
            execute(*_BY_HAND, f"DELETE FROM {database}.{table}", restore)
            execute(f"DROP TABLE {database}.kept")


@contextmanager
def lived_on(kind: str) -> Iterator[Lived]:
    """Run a store on new databases of the server, and stop it again; they stay until the end."""
    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(an_empty_database(kind, name=name.replace("-", "_")))
            for name in DATABASES
        }
        orders = asyncio.run(_run(OnServer(Path(), urls)))
        yield Lived(urls, orders)


@cache
def tables(url: str) -> frozenset[str]:
    """Return the names of a database's tables."""
    return frozenset(column(url, "SHOW TABLES"))


async def _run(folder: Folder) -> dict[str, str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with open_store(folder, public_url=url, environment={}) as store:
        await store.staff.ensure(STAFF_EMAIL, STAFF_PASSWORD)
        server = uvicorn.Server(
            uvicorn.Config(
                store.application, http=Heads, port=port, lifespan="off", log_config=None
            )
        )
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(keep_running(job)) for job in store.jobs]
            serving = group.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 — uvicorn tells nobody
                await asyncio.sleep(0.005)
            try:
                orders = await live(url)
            finally:
                server.should_exit = True
                await serving
                for task in beside:
                    task.cancel()
    return orders
