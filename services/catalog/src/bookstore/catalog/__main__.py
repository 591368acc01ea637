"""The catalog as a process of its own: `python -m bookstore.catalog serve|migrate`."""

from contextlib import AbstractAsyncContextManager

from msgspec import structs

from bookstore.catalog.app import MIGRATIONS, open_catalog
from bookstore.catalog.settings import Settings
from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service


def opened(settings: Settings, near: Near) -> AbstractAsyncContextManager[Service]:
    """Open the catalog beside its neighbours."""
    if settings.role == "query":  # loading the starter catalogue writes
        settings = structs.replace(settings, starter=None)
    return open_catalog(settings, inventory=near("inventory"), order=near("order"))


if __name__ == "__main__":
    Process(
        name="catalog",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        neighbours=("inventory", "order"),
    ).main()
