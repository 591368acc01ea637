"""Certificates that are renewed where they are, as cert-manager and Vault's agent do it.

Files that have changed are read again: a server shows the new certificate in its next handshake,
a channel is opened anew. Files that make no sense, or not yet, change nothing.
"""

import time
from collections.abc import Callable
from typing import Final

import grpc

from bookstore.kit.rpc.tls import TlsSettings

LOOK_EVERY_S: Final = 5.0

Stamp = tuple[tuple[int, int, int], ...]


class Certificates:
    """The files of a process's TLS settings, as they are now."""

    def __init__(self, tls: TlsSettings, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take the files as they are; they make sense."""
        self._tls = tls
        self._now = now
        self._stamp = self._look()
        self._looked_at = now()
        self.edition = 0

    def renewed(self) -> int:
        """Return the edition, which goes up whenever the files have changed to other good ones."""
        if self._now() - self._looked_at < LOOK_EVERY_S:
            return self.edition
        self._looked_at = self._now()
        try:
            stamp = self._look()
            if stamp != self._stamp and not list(self._tls.problems()):
                self._stamp = stamp
                self.edition += 1
        except OSError:  # a file that is just being replaced
            pass
        return self.edition

    def for_channel(self) -> grpc.ChannelCredentials | None:
        """Return what a channel believes and shows, None without TLS."""
        return self._tls.for_channel()

    def for_server(self) -> grpc.ServerCredentials | None:
        """Return what a server shows and believes, at each handshake anew; None without TLS."""
        first = self._tls.shown()
        if first is None:
            return None
        seen = self.renewed()

        def newer() -> grpc.ServerCertificateConfiguration | None:
            nonlocal seen
            if self.renewed() == seen:
                return None
            seen = self.edition
            return self._tls.shown()

        return grpc.dynamic_ssl_server_credentials(
            first,
            newer,  # type: ignore[arg-type]  # it may return None, as its documentation says
            require_client_authentication=self._tls.rpc_ca is not None,
        )

    def _look(self) -> Stamp:
        files = (self._tls.rpc_cert, self._tls.rpc_key, self._tls.rpc_ca)
        found = [file.stat() for file in files if file is not None]
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)
