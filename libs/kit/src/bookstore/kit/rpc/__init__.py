"""gRPC between services: the same calls and failures over a network or inside one process.

`open_server` serves what services register, `open_channel` calls it; `Loopback` is both ends
inside one process. Read `failures` for how errors travel, `context` for who asks, `ways` for
neighbours with several addresses, `tls`, `certificates` and `token` for how services prove who
they are, and `paging` for which part of a list they ask for.
"""

from bookstore.kit.caller import current_caller
from bookstore.kit.rpc.addresses import are_addresses
from bookstore.kit.rpc.certificates import Certificates
from bookstore.kit.rpc.client import may_repeat, open_channel
from bookstore.kit.rpc.context import ServiceToken, TokenCheck
from bookstore.kit.rpc.loopback import Loopback
from bookstore.kit.rpc.paging import PageInvalidError, Part, part_of
from bookstore.kit.rpc.server import Register, RpcServer, open_server
from bookstore.kit.rpc.tls import TlsSettings
from bookstore.kit.rpc.token import ServiceTokens, services_only

__all__ = [
    "Certificates",
    "Loopback",
    "PageInvalidError",
    "Part",
    "Register",
    "RpcServer",
    "ServiceToken",
    "ServiceTokens",
    "TlsSettings",
    "TokenCheck",
    "are_addresses",
    "current_caller",
    "may_repeat",
    "open_channel",
    "open_server",
    "part_of",
    "services_only",
]
