"""Inventory as a process of its own: `python -m bookstore.inventory serve|work|migrate`."""

from contextlib import AbstractAsyncContextManager

from bookstore.inventory.app import MIGRATIONS, open_inventory
from bookstore.inventory.settings import Settings
from bookstore.kit.process import Near, Process, WorkerProcess
from bookstore.kit.service import Service
from bookstore.saga.conductor.working import work_settings, working


def opened(settings: Settings, near: Near) -> AbstractAsyncContextManager[Service]:
    """Open inventory beside its only neighbour."""
    return open_inventory(settings, catalog=near("catalog"))


if __name__ == "__main__":
    Process(
        name="inventory",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        neighbours=("catalog",),
        worker=WorkerProcess(working, work_settings),
    ).main()
