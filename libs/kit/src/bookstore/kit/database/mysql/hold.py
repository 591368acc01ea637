"""GET_LOCK on a connection of its own: one process at a time, and the next when that one dies.

The server lets go when the connection ends: at once if the process is killed, and a few seconds
after the last pulse if its machine is gone or cannot be reached. Whoever holds the lock asks with
each pulse whether that is still so, and has lost it when no answer comes. For the moment between,
whatever is written under the lock carries an epoch (docs/adr/0008).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import pymysql

from bookstore.kit.database.hold import Hold
from bookstore.kit.database.mysql.connection import Connection, Place

_LOG: Final = logging.getLogger("bookstore.database")

PULSE_S: Final = 2.0
PATIENCE_S: Final = 5.0  # with the answer to one
SILENCE_S: Final = 15  # after which the server ends the connection
_TRY_AGAIN_S: Final = 1.0
_LONGEST_NAME: Final = 64
_TAKE: Final = "SELECT GET_LOCK(%s, 0)"
_OURS: Final = "SELECT IS_USED_LOCK(%s) = CONNECTION_ID()"


class Lock(Hold):
    """A lock that is held by a connection."""

    is_shared = True

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    async def lost(self) -> None:
        while await self._is_ours():  # noqa: ASYNC110 — the server tells nobody
            await asyncio.sleep(PULSE_S)
        _LOG.warning("the lock %s is lost", self._name)

    async def _is_ours(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await _ask(self._connection, _OURS, self._name)
        except (pymysql.Error, TimeoutError):
            return False


@asynccontextmanager
async def alone(place: Place, what: str) -> AsyncGenerator[Lock]:
    """Wait until nobody else on this database is at it, and hold it until the block ends."""
    name = f"{what} {place.name}"[-_LONGEST_NAME:]
    while True:
        try:
            connection = await asyncio.to_thread(_connected, place)
        except pymysql.Error as error:
            _LOG.warning("the lock %s cannot be asked for: %s", name, error.args[-1])
        else:
            with _closing(connection):
                if await _taken(connection, name):
                    yield Lock(connection, name)
                    return
        await asyncio.sleep(_TRY_AGAIN_S)


async def _taken(connection: Connection, name: str) -> bool:
    """Wait until the lock is ours; False if the connection is lost over it."""
    try:
        while not await _ask(connection, _TAKE, name):
            _LOG.info("another process holds the lock %s", name)
            await asyncio.sleep(_TRY_AGAIN_S)
    except pymysql.Error as error:
        _LOG.warning("the lock %s is asked for again: %s", name, error.args[-1])
        return False
    return True


async def _ask(connection: Connection, question: str, name: str) -> bool:
    return await asyncio.to_thread(_asked, connection, question, name)


def _asked(connection: Connection, question: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, (name,))
        (answer,) = cursor.fetchone() or (None,)
    connection.rollback()  # or it would look at one moment for ever
    return bool(answer == 1)


def _connected(place: Place) -> Connection:
    connection = place.open(reading=True)
    connection.query(f"SET SESSION wait_timeout = {SILENCE_S}")
    return connection


@contextmanager
def _closing(connection: Connection) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(pymysql.Error):  # it may be closed already
            connection.close()
