"""What the current task is about: ids that belong into every line it logs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from bookstore.kit.caller import current_caller

_ABOUT: Final[ContextVar[Mapping[str, str]]] = ContextVar("about", default={})  # noqa: B039 — a mapping that nobody changes


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Have the lines that are logged meanwhile carry these ids, such as order_id."""
    token = _ABOUT.set({**_ABOUT.get(), **ids})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def ids() -> dict[str, str]:
    """Return the ids, the trace's among them."""
    found = dict(_ABOUT.get())
    if "trace_id" not in found and (trace_id := current_caller.get().trace_id):
        found["trace_id"] = trace_id
    return found
