"""TLS between services, by setting: a certificate to serve with, an authority to believe."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import grpc

from bookstore.kit.settings import Settings


class TlsSettings(Settings, frozen=True, kw_only=True):
    """PEM files. With `rpc_cert` and `rpc_key` a server speaks TLS; with `rpc_ca` channels do.

    With all three each side proves itself: servers then ask for a certificate of that authority.
    """

    rpc_cert: Path | None = None
    rpc_key: Path | None = None
    rpc_ca: Path | None = None

    def problems(self) -> Iterator[str]:
        yield from list(self._missing()) or self._unreadable()

    def _missing(self) -> Iterator[str]:
        if (self.rpc_cert is None) is not (self.rpc_key is None):
            yield "RPC_CERT and RPC_KEY: one does not go without the other"
        files = {"RPC_CERT": self.rpc_cert, "RPC_KEY": self.rpc_key, "RPC_CA": self.rpc_ca}
        for name, file in files.items():
            if file is not None and not file.is_file():
                yield f"{name}: there is no file {file}"

    def _unreadable(self) -> Iterator[str]:
        """Ask OpenSSL, whose word is more help than what gRPC would log later."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self.rpc_cert is not None:
            try:
                context.load_cert_chain(self.rpc_cert, self.rpc_key, password=lambda: "")
            except OSError:  # ssl.SSLError is one
                yield "RPC_CERT and RPC_KEY: these are no certificate and its key, as PEM"
        if self.rpc_ca is not None:
            try:
                context.load_verify_locations(self.rpc_ca)
            except OSError:
                yield f"RPC_CA: {self.rpc_ca} holds no certificate, as PEM"

    def shown(self) -> grpc.ServerCertificateConfiguration | None:
        """Return what a server shows and believes, None without TLS."""
        if self.rpc_cert is None or self.rpc_key is None:
            return None
        pair = (self.rpc_key.read_bytes(), self.rpc_cert.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], _read(self.rpc_ca))

    def for_channel(self) -> grpc.ChannelCredentials | None:
        """Return what a channel believes and shows, None without TLS."""
        if self.rpc_ca is None:
            return None
        return grpc.ssl_channel_credentials(
            self.rpc_ca.read_bytes(), _read(self.rpc_key), _read(self.rpc_cert)
        )


def _read(file: Path | None) -> bytes | None:
    return None if file is None else file.read_bytes()
