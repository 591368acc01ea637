"""The catalog in a process of its own: `python -m bookstore.catalog serve`, or `migrate`."""

from contextlib import AbstractAsyncContextManager

from bookstore.catalog.app import MIGRATIONS, open_catalog
from bookstore.catalog.settings import Settings
from bookstore.kit.process import Process, run
from bookstore.kit.service import Service


def open_service(process: Process) -> AbstractAsyncContextManager[Service]:
    """Open the catalog among its neighbours."""
    return open_catalog(
        process.settings(Settings),
        inventory=process.channel("inventory"),
        order=process.channel("order"),
    )


if __name__ == "__main__":
    run("catalog", MIGRATIONS, open_service)
