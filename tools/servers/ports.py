"""Ports that nobody listens at, and that nobody else will be given meanwhile."""

import secrets
import socket
from typing import Final

# Below those that a system hands out by itself to whoever connects (from 32768 on Linux), lest one
# be taken between our asking and a process's listening.
_FIRST: Final = 15_000
_LAST: Final = 32_000
_GIVEN: Final[set[int]] = set()


def free_port() -> int:
    """Return a free port of loopback, each only once in this process."""
    while True:
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def free_address() -> str:
    """Return such a port with its host, as settings take it."""
    return f"127.0.0.1:{free_port()}"
