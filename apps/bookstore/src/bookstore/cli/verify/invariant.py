"""What an invariant is: a sentence, what it is about, and what breaks it."""

import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bookstore.cli.verify.snapshot import schemas
from bookstore.cli.verify.sources import SCHEMAS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED: Final = re.compile(rf"\b({'|'.join(SCHEMAS.values())})\.\w")

# Orders that no saga is changing just now; the others are on their way to one state or another,
# and "every saga has ended, or is younger than its deadline" sees to it that they arrive.
AT_REST: Final = """
    id NOT IN (SELECT subject FROM ordering.saga WHERE state NOT IN ('completed', 'compensated'))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many things an invariant looked at, and a sentence for each that breaks it."""

    invariant: str
    checked: int
    offenders: tuple[str, ...]

    def only(self, suspects: Iterable[str]) -> "Finding":
        """Leave out what was not suspected before."""
        known = set(suspects)
        still = tuple(row for row in self.offenders if row in known)
        return Finding(self.invariant, self.checked, still)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must be true, how to count what it is about, and what breaks it.

    `broken` selects a sentence for each row that breaks it; both queries may speak of `:now`, in
    microseconds.
    """

    sentence: str
    count: str
    broken: str | Callable[[sqlite3.Connection], Iterable[str]]

    def can_be_checked(self, connection: sqlite3.Connection) -> bool:
        """Whether all databases that it speaks of are there."""
        text = self.count if callable(self.broken) else self.count + self.broken
        return set(_NAMED.findall(text)) <= schemas(connection)


def check(connection: sqlite3.Connection, invariant: Invariant) -> Finding:
    """Run one invariant on a snapshot."""
    now = {"now": (datetime.now(UTC) - _EPOCH) // timedelta(microseconds=1)}
    (checked,) = connection.execute(invariant.count, now).fetchone()
    if callable(invariant.broken):
        offenders = tuple(invariant.broken(connection))
    else:
        offenders = tuple(row[0] for row in connection.execute(invariant.broken, now))
    return Finding(invariant.sentence, checked, offenders)
