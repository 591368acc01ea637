"""Hashing passwords with Argon2id (RFC 9106), on threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard a password is to try: OWASP's figures, about 20 ms of one core."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1
    threads: int = 2  # that many passwords are hashed at once


class Passwords:
    """Hashes passwords and proves them, so many at once and no more."""

    def __init__(self, effort: Effort = Effort()) -> None:
        self.at_once = effort.threads
        self._hasher = PasswordHasher(
            time_cost=effort.passes,
            memory_cost=effort.memory_kib,
            parallelism=effort.lanes,
            type=Type.ID,
        )
        self._pool = ThreadPoolExecutor(effort.threads, "argon2")
        self._nobodys = self._hasher.hash("nobody's")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    async def hash(self, password: str) -> str:
        """Return what to keep of the password."""
        return await self._run(lambda: self._hasher.hash(password))

    async def match(self, password: str | None, password_hash: str | None) -> bool:
        """Whether the password is the one that was hashed.

        Takes its time where there is no such password or account, so that nobody learns which
        accounts exist.
        """
        known = password is not None and password_hash is not None
        matches = await self._run(
            lambda: self._verify(password or "nobody", password_hash or self._nobodys)
        )
        return known and matches

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
