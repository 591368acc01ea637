"""A thread with a connection: how a unit of work is run, run again, or given up.

A unit is run again, wholly and a bounded number of times, only while it is sure that nothing of
it was done:

- a ContendedError: a deadlock, a lock that was waited for in vain, or a version that a repository
  found changed meanwhile: the transaction is rolled back;
- the connection is lost before the COMMIT was sent (idle for too long, a server that restarts):
  the server rolls back; once;
- a violation that the unit did not expect: another transaction was quicker, and what it has done
  is seen the second time; once. SQLite's single writer spares its units that.

When the answer to a COMMIT is lost, nobody knows: that is OutcomeUnknownError, never a second run.
"""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import Final

import pymysql

from bookstore.kit.database.failures import Violation
from bookstore.kit.database.mysql.connection import Connection, Place
from bookstore.kit.database.mysql.failures import (
    LostError,
    translate,
    was_undone,
)
from bookstore.kit.database.mysql.session import MysqlSession
from bookstore.kit.database.pool import Pool
from bookstore.kit.database.unit import Stores, Unit, answer, attempt
from bookstore.kit.errors import ContendedError, OutcomeUnknownError, UnavailableError

_LOG = logging.getLogger("bookstore.database")

ATTEMPTS: Final = 6
PATIENCE: Final = 10.0  # seconds after which a unit is not run again
_FIRST_PAUSE: Final = 0.01  # seconds; doubled from attempt to attempt


class Worker(Thread):
    """Runs the units of a pool, one after the other, until it meets None."""

    def __init__(self, place: Place, pool: Pool, number: int, *, reading: bool) -> None:
        super().__init__(name=f"db-{pool.name}-{number}", daemon=True)
        self._place = place
        self._pool = pool
        self._number = number
        self._reading = reading
        self._line: _Line | None = None

    def run(self) -> None:
        """Work until told to stop."""
        while (unit := self._pool.queue.get()) is not None:
            if unit.future.cancelled():  # who asked for it has given up, its deadline perhaps
                continue
            if not unit.claim():  # it was refused, since no thread came in time
                continue
            self._pool.busy[self._number] = True
            try:
                self._settle(unit)
            except BaseException as error:  # noqa: BLE001 — a defect: the caller's, as all else
                unit.error = error
                self._hang_up()
            self._pool.busy[self._number] = False
            answer([unit])
        self._hang_up()

    def _settle(self, unit: Unit) -> None:
        """Run a unit until it is done, or is not worth another attempt."""
        until = time.monotonic() + PATIENCE
        spared = [LostError, Violation]  # each is excused once
        for pause in _pauses():
            self._try(unit)
            excuse = next((kind for kind in spared if isinstance(unit.error, kind)), None)
            if excuse is not None:
                spared.remove(excuse)
            elif not isinstance(unit.error, ContendedError):
                return
            if time.monotonic() > until:
                return
            time.sleep(pause)
        self._try(unit)

    def _try(self, unit: Unit) -> None:
        """Run a unit in a transaction of its own; commit it or roll it back."""
        unit.result = unit.error = None
        try:
            line = self._connected()
        except pymysql.Error as error:
            _LOG.warning("the database %s cannot be reached: %s", self._place, error.args[-1])
            unit.error = UnavailableError("the database cannot be reached", retry_after=1)
            unit.error.__cause__ = error
            return
        line.session.begin()
        attempt(unit, line.stores)
        # A unit that swallowed the failure would commit the rest of itself only.
        if line.session.broken is not None:
            unit.error = line.session.broken
        if unit.error is None and not self._reading:
            unit.error = self._commit(line.connection)
        else:
            self._roll_back(line.connection)

    def _connected(self) -> "_Line":
        if self._line is None:
            self._line = _Line(self._place.open(reading=self._reading))
        return self._line

    def _commit(self, connection: Connection) -> BaseException | None:
        try:
            connection.commit()
        except pymysql.Error as error:
            self._hang_up()
            if was_undone(error):
                return translate(error, lambda _key: "")
            unknown = OutcomeUnknownError(
                "the connection was lost while this was being saved: look whether it was, or "
                "send it again with the same Idempotency-Key",
                retry_after=1,
            )
            unknown.__cause__ = error
            return unknown
        return None

    def _roll_back(self, connection: Connection) -> None:
        try:
            connection.rollback()
        except pymysql.Error:  # the server does it, when it sees that we are gone
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            with suppress(pymysql.Error):  # it may be closed already
                self._line.connection.close()
        self._line = None


class _Line:
    """A connection, and what stands on it."""

    __slots__ = ("connection", "session", "stores")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session = MysqlSession(connection)
        self.stores = Stores(self.session)


def _pauses() -> Iterator[float]:
    """Yield how long to wait before each further attempt: never as long as the next one."""
    for number in range(ATTEMPTS - 1):
        yield _FIRST_PAUSE * 2**number * random.uniform(0.5, 1.5)  # noqa: S311 — chance, no secret
