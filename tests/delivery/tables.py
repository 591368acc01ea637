"""The tables of known-bad files, and the good files that none of them was made of."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.delivery.bad import Bad
from tools.delivery.ladder import Good

_TABLES = sorted(path.stem for path in Path(__file__).parent.glob("bad_*.py"))


def bad() -> list[Bad]:
    """Return all of them, by rung."""
    found = [bad for table in _TABLES for bad in _attribute(table, "BAD")]
    return sorted(found, key=lambda bad: bad.rung)


def good() -> Iterator[Good]:
    """Yield what a table has in its list GOOD."""
    for table in _TABLES:
        yield from _attribute(table, "GOOD")


def _attribute(table: str, name: str) -> list[Any]:
    return getattr(importlib.import_module(f"tests.delivery.{table}"), name, [])
