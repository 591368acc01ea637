"""The keys of an issuer elsewhere, fetched from its JSON Web Key Set."""

import asyncio
import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING

from bookstore.kit.auth.keys import Key, Keys, read_key_set
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.errors import UnavailableError

if TYPE_CHECKING:
    import httpx

_LARGEST = 1 << 20  # bytes of a key set


class RemoteKeys(Keys):
    """Fetches the key set when it is `fresh` no longer, or does not hold the key asked for.

    So an issuer may rotate its keys without a restart here, and sign with the new one at once.
    Whoever makes up key names causes a fetch every `pause` at most. While the issuer is away it
    is asked every `patience`, and keys stay good for `stale`.
    """

    def __init__(  # noqa: PLR0913 - all but the address and the client have a default
        self,
        address: str,
        client: "httpx.AsyncClient",
        *,
        clock: Clock | None = None,
        fresh: timedelta = timedelta(minutes=5),
        stale: timedelta = timedelta(hours=1),
        pause: timedelta = timedelta(seconds=1),
        patience: timedelta = timedelta(seconds=10),
        timeout: timedelta = timedelta(seconds=3),
    ) -> None:
        self._address = address
        self._client = client
        self._clock = clock or SystemClock()
        self._fresh = fresh.total_seconds()
        self._stale = stale.total_seconds()
        self._pause = pause.total_seconds()
        self._patience = patience.total_seconds()
        self._timeout = timeout.total_seconds()
        self._keys: dict[str, Key] = {}
        self._fetched = self._next = float("-inf")
        self._fetching = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        if self._must_fetch(kid):
            async with self._fetching:
                if self._must_fetch(kid):  # it may have come while we waited
                    await self._fetch()
        if self._age() >= self._stale:
            again = self._next - self._clock.monotonic()
            raise UnavailableError(
                "the keys that tokens are signed with cannot be fetched",
                retry_after=max(1, math.ceil(again)),
            )
        return self._keys.get(kid)

    def _must_fetch(self, kid: str) -> bool:
        wanted = kid not in self._keys or self._age() >= self._fresh
        return wanted and self._clock.monotonic() >= self._next

    def _age(self) -> float:
        return self._clock.monotonic() - self._fetched

    async def _fetch(self) -> None:
        """Fetch the key set; if that fails, what was fetched last stays."""
        from httpx import HTTPError  # noqa: PLC0415 - whoever has no issuer elsewhere needs none

        try:
            async with asyncio.timeout(self._timeout):
                document = await self._download()
            keys = {key.kid: key for key in read_key_set(json.loads(document))}
        except (HTTPError, TimeoutError, ValueError, RecursionError):
            self._next = self._clock.monotonic() + self._patience
        else:
            self._keys, self._fetched = keys, self._clock.monotonic()
            self._next = self._fetched + self._pause

    async def _download(self) -> bytes:
        async with self._client.stream("GET", self._address) as response:
            response.raise_for_status()
            document = bytearray()
            async for chunk in response.aiter_bytes():
                document += chunk
                if len(document) > _LARGEST:
                    raise ValueError("no key set is that large")
        return bytes(document)
