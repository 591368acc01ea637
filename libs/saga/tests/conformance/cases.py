"""The conformance suite as a list, for an engine that runs its cases side by side."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Case:
    """A test of the suite with one set of its parameters."""

    name: str
    test: Callable[..., Awaitable[None]]
    given: Mapping[str, Any]


def cases(suite: ModuleType, *, but: frozenset[str] = frozenset()) -> Iterator[Case]:
    """Yield the tests of a module as pytest would collect them, but those of these names."""
    for name, test in vars(suite).items():
        if name.startswith("test_") and name not in but:
            for given in _parameters(test):
                values = "-".join(str(getattr(v, "name", v)).lower() for v in given.values())
                yield Case(f"{name[5:]}[{values}]" if given else name[5:], test, given)


def _parameters(test: Callable[..., Awaitable[None]]) -> Iterator[dict[str, Any]]:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    axes = [_axis(mark) for mark in marks if mark.name == "parametrize"]
    for chosen in product(*axes):
        yield {name: value for values in chosen for name, value in values.items()}


def _axis(mark: pytest.Mark) -> list[dict[str, Any]]:
    names, values = mark.args
    if isinstance(names, str):
        return [{names: value} for value in values]
    return [dict(zip(names, row, strict=True)) for row in values]
