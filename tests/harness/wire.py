"""A wire to a database server that can be cut in the middle of a commit."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from socket import SHUT_RDWR, create_connection, create_server, socket
from threading import Thread

_DONE = 0.2  # seconds in which any server has done it
_COMMIT = b"\x03COMMIT"  # the command "query", and its text


class Cut(StrEnum):
    """Where the wire is cut, the next time a COMMIT comes along."""

    BEFORE = "before the server hears it"
    AFTER = "before the client hears the answer"


class Wire:
    """Passes on what is said between clients and the server, until it is cut.

    While it is deaf the server hears nothing, and clients wait for an answer.
    """

    def __init__(self, listener: socket, port: int) -> None:
        self.port: int = listener.getsockname()[1]
        self.cut: Cut | None = None
        self.is_deaf = False
        self._listener = listener
        self._server_port = port
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = create_connection(("127.0.0.1", self._server_port))
                Thread(target=self._to_server, args=(client, server), daemon=True).start()
                Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket, server: socket) -> None:
        with client, server, suppress(OSError):
            while said := client.recv(65536):
                if self.is_deaf:
                    continue
                if self.cut is None or not said.endswith(_COMMIT):
                    server.sendall(said)
                    continue
                cut, self.cut = self.cut, None
                client.shutdown(SHUT_RDWR)
                if cut is Cut.AFTER:
                    server.sendall(said)
                    time.sleep(_DONE)
                break
            server.shutdown(SHUT_RDWR)  # before it is closed: another thread listens to it


def _pass_on(source: socket, target: socket) -> None:
    with suppress(OSError):
        while said := source.recv(65536):
            target.sendall(said)
        target.shutdown(SHUT_RDWR)


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """Lay a wire to the server at a port, until the block ends."""
    with create_server(("127.0.0.1", 0)) as listener:
        yield Wire(listener, port)
        listener.shutdown(SHUT_RDWR)
