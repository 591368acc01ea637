"""Holds a store still at a step of our choice: by a lock on the database that it needs next."""

import asyncio
import sqlite3
from contextlib import closing

from tests.harness.store import Store

_PATIENCE_S = 4.0  # the store waits 5 s for a lock, then takes it for a failure


class Grip:
    """Locks on a store's databases: while one is held, the store can read it but not write."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._held: dict[str, sqlite3.Connection] = {}

    def hold(self, name: str) -> None:
        """Let nobody else write to a database."""
        file = self.store.data / f"{name}.db"
        lock = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        lock.execute("BEGIN IMMEDIATE")
        self._held[name] = lock

    def let_go(self, *names: str) -> None:
        """Let a database be written again; without a name, each that is held."""
        for name in names or tuple(self._held):
            lock = self._held.pop(name)
            lock.rollback()
            lock.close()

    async def until(self, name: str, question: str, order_id: str) -> None:
        """Wait until the database answers a question about an order with a row."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                if self._says(name, question, order_id):
                    return
                await asyncio.sleep(0.01)

    def _says(self, name: str, question: str, order_id: str) -> bool:
        with closing(
            sqlite3.connect(f"file:{self.store.data}/{name}.db?mode=ro", uri=True)
        ) as look:
            return look.execute(question, (order_id,)).fetchone() is not None
