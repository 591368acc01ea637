"""A request as the endpoints see it: taken apart once, as cheaply as can be."""

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import Receive, Scope

Network = IPv4Network | IPv6Network

_TRACEPARENT = re.compile(
    rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

_PATIENCE = b"x-envoy-expected-rq-timeout-ms"
_MILLISECONDS = re.compile(rb"[0-9]{1,9}")


@dataclass(slots=True)
class Asked:
    """A request on its way: `values` are the segments that fill the path's braces."""

    scope: Scope
    receive: Receive
    headers: Mapping[bytes, bytes]
    values: tuple[str, ...]
    trace_id: str


def gather(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers by name; repeated ones are joined, as HTTP has it."""
    headers = dict(pairs)
    if len(headers) != len(pairs):
        headers = {}
        for name, value in pairs:
            if name in headers:
                between = b"; " if name == b"cookie" else b", "
                value = headers[name] + between + value  # noqa: PLW2901 — that is joining
            headers[name] = value
    return headers


def trace_of(headers: Mapping[bytes, bytes]) -> str:
    """Return the trace the request belongs to (W3C Trace Context), or a new one."""
    given = headers.get(b"traceparent")
    found = _TRACEPARENT.fullmatch(given) if given else None
    return found[1].decode() if found else os.urandom(16).hex()


def patience_of(headers: Mapping[bytes, bytes]) -> float:
    """Return how many seconds the edge in front waits for the answer, if it says so.

    It is Envoy's header: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
    """
    given = headers.get(_PATIENCE)
    return int(given) / 1000 if given and _MILLISECONDS.fullmatch(given) else math.inf


class Proxies:
    """Whose word counts about where a request comes from: X-Forwarded-For only from these."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take addresses and networks; raises ValueError."""
        self._networks: tuple[Network, ...] = tuple(
            ip_network(network, strict=False) for network in networks
        )

    def client(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """Return the address of the client: the last one that nobody trusted vouches for."""
        peer: str = (scope.get("client") or ("",))[0]
        if not self._networks or b"x-forwarded-for" not in headers or not self._trusts(peer):
            return peer
        for hop in reversed(headers[b"x-forwarded-for"].decode("latin-1").split(",")):
            address = hop.strip()
            if not _is_address(address):
                break
            peer = address
            if not self._trusts(address):
                break
        return peer

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self._networks
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
