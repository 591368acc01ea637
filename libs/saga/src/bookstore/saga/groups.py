"""Groups of tasks of which one failure is enough to know."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise what ended a group: its first failure, as if there had been no group."""
    try:
        yield
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
