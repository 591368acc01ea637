"""The ways to a neighbour: a channel to each of its addresses, taken in turn.

One that is not connected, or lately did not answer, is passed over as long as another is better;
gRPC goes on trying to connect to it meanwhile, so it is taken again as soon as it is back.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from grpc import ChannelConnectivity, aio

from bookstore.kit.rpc.certificates import Certificates

REST_S: Final = 5.0  # for an address that did not answer
_LAST_CALLS_S: Final = 30.0  # for what is under way on a channel that is replaced

# What a name of several addresses in DNS means: each in turn, but those that say NOT_SERVING.
_IN_TURN: Final[dict[str, Any]] = {"loadBalancingConfig": [{"round_robin": {}}]}
_WATCHED: Final[dict[str, Any]] = {"healthCheckConfig": {"serviceName": ""}}
OPTIONS: Final = (
    ("grpc.service_config_disable_resolution", 1),  # ours, not what a TXT record says
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 3_000),  # gRPC 1.85 does not heed keepalive_timeout_ms
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),  # as many as it takes
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.min_reconnect_backoff_ms", 2_000),  # by which one that hangs has failed to connect
)

Method = Callable[..., Any]


class Way:
    """A channel to one address."""

    def __init__(
        self, address: str, certificates: Certificates | None, *, watched: bool = True
    ) -> None:
        config = _IN_TURN | (_WATCHED if watched else {})
        options = (("grpc.service_config", json.dumps(config)), *OPTIONS)
        credentials = None if certificates is None else certificates.for_channel()
        if credentials is None:
            self.channel = aio.insecure_channel(address, options)
        else:
            self.channel = aio.secure_channel(address, credentials, options)
        self._methods: dict[str, Method] = {}
        self._rests_until = 0.0

    def method(self, path: str, codec: dict[str, Any]) -> Method:
        """Return what calls a method."""
        if path not in self._methods:
            self._methods[path] = self.channel.unary_unary(path, **codec)
        return self._methods[path]

    def rest(self) -> None:
        """Leave it alone for a while."""
        self._rests_until = time.monotonic() + REST_S

    @property
    def is_resting(self) -> bool:
        """Whether it lately did not answer."""
        return time.monotonic() < self._rests_until

    @property
    def is_open(self) -> bool:
        """Whether it is connected; if not, gRPC tries from now on."""
        return self.channel.get_state(try_to_connect=True) is ChannelConnectivity.READY


class Ways:
    """All ways to one neighbour."""

    def __init__(
        self,
        addresses: Sequence[str],
        certificates: Certificates | None,
        *,
        watched: bool = True,
    ) -> None:
        """Open a channel to each address; nobody is called yet.

        Where a proxy answers for a neighbour its health is not watched: that would be the health
        of only one of those behind the proxy.
        """
        self._addresses = addresses
        self._watched = watched
        self._certificates = certificates
        self._edition = 0 if certificates is None else certificates.edition
        self._ways = self._opened()
        self._turn = 0
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how many addresses there are."""
        return len(self._addresses)

    def next(self, last: Way | None) -> Way:
        """Return whose turn it is; another than the last, if there is one."""
        self._renew()
        if len(self._ways) == 1:
            return self._ways[0]
        self._turn = (self._turn + 1) % len(self._ways)
        in_turn = [*self._ways[self._turn :], *self._ways[: self._turn]]
        return min(in_turn, key=lambda way: (way is last, way.is_resting, not way.is_open))

    async def close(self, grace: float | None = None) -> None:
        """Close all channels; calls under way get so many seconds."""
        for closing in self._closing:
            closing.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await asyncio.gather(*(way.channel.close(grace) for way in self._ways))

    def _opened(self) -> list[Way]:
        return [
            Way(address, self._certificates, watched=self._watched) for address in self._addresses
        ]

    def _renew(self) -> None:
        """Open the channels anew if there are new certificates; the old ones end in peace."""
        if self._certificates is None or self._certificates.renewed() == self._edition:
            return
        self._edition = self._certificates.edition
        old, self._ways = self._ways, self._opened()
        for way in old:
            closing = asyncio.create_task(way.channel.close(_LAST_CALLS_S))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
