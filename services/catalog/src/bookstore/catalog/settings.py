"""The catalog's settings."""

from collections.abc import Iterator
from pathlib import Path

from bookstore.kit.process_settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Where the catalog keeps its books, where imported copies are stocked, what to begin with.

    Each is read from CATALOG_<NAME>, else from <NAME>. `starter` is a file like
    data/starter/books.json, loaded when the store first starts.
    """

    database_url: str = "sqlite:///catalog.db"
    import_warehouse: str = "Main"
    starter: Path | None = None

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        starter = None if self.role == "query" else self.starter  # to load it is to write
        if starter is not None and not starter.is_file():
            yield f"CATALOG_STARTER: there is no file {starter}"
