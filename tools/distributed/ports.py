"""At which port each part of a distributed store is: the edge's, and those above it."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tools.distributed.plan import SIX, WORKERS

DEFAULT: Final = 8080
MOST_EACH: Final = 4
_SERVERS: Final = {
    "edge": 0,
    "edge admin": 1,
    "Keycloak": 2,
    "Keycloak health": 3,
    "Conductor": 4,
    "MariaDB": 5,
    "PostgreSQL": 6,
}
_SERVING: Final = 10  # so far above the edge's the first service is, and likewise below
_WORKING: Final = 50
_RPC: Final = 100


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports by name: `edge`, `MariaDB`, `order serve 2 http`; the edge is at `edge`."""

    edge: int = DEFAULT

    def __call__(self, name: str) -> int:
        """Return the port of what has this name."""
        if name in _SERVERS:
            return self.edge + _SERVERS[name]
        service, what, *number, protocol = name.split()
        above = 10 * (int(number[0]) - 1 if number else 0) + (_RPC if protocol == "rpc" else 0)
        if what == "serve":
            return self.edge + _SERVING + SIX.index(service) + above
        return self.edge + _WORKING + WORKERS.index(service) + above

    def taken(self, names: Sequence[str]) -> Iterator[str]:
        """Say which of these ports somebody else listens at."""
        for name in names:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", self(name)))
                except OSError:
                    yield f"{self(name)} ({name})"


def servers() -> tuple[str, ...]:
    """Return the names of all that is not a service."""
    return tuple(_SERVERS)
