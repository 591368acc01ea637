"""Services prove to each other who they are: by certificate, and by a token of their own."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc import aio

from bookstore.contracts.proto.category.v1 import category_pb2 as pb
from bookstore.contracts.proto.category.v1.category_pb2_grpc import (
    CategoryServiceServicer,
    CategoryServiceStub,
    add_CategoryServiceServicer_to_server,
)
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.errors import ForbiddenError, UnavailableError
from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import (
    Certificates,
    ServiceTokens,
    TlsSettings,
    open_channel,
    open_server,
    services_only,
)
from libs.kit.tests.rpc.trust import check, token

URL = "http://identity.example/oauth/token"


class Categories(CategoryServiceServicer):
    async def FindAllCategories(
        self, _request: pb.FindAllCategoriesRequest, _context: object
    ) -> pb.FindAllCategoriesResponse:
        return pb.FindAllCategoriesResponse(items=[pb.Category(id=1, name="Art")])


def certificate(folder: Path, name: str) -> dict[str, Path]:
    """Write a certificate for this machine that is its own authority; return its files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {"rpc_cert": cert_file, "rpc_key": key_file}


async def names(address: str, tls: TlsSettings) -> list[str]:
    async with open_channel(
        address, certificates=Certificates(tls), timeout=1, token=token
    ) as channel:
        return await asked(channel)


async def asked(channel: aio.Channel) -> list[str]:
    found = await CategoryServiceStub(channel).FindAllCategories(pb.FindAllCategoriesRequest())
    return [category.name for category in found.items]


@pytest.fixture
def ours(tmp_path: Path) -> dict[str, Path]:
    return certificate(tmp_path, "ours")


@pytest.fixture
async def address(ours: dict[str, Path]) -> AsyncIterator[str]:
    tls = TlsSettings(**ours, rpc_ca=ours["rpc_cert"])
    register = partial(add_CategoryServiceServicer_to_server, Categories())
    async with open_server(
        [register], "127.0.0.1:0", check=check, certificates=Certificates(tls), grace=0
    ) as server:
        yield server.address


async def test_who_has_a_certificate_of_the_authority_is_served(
    address: str, ours: dict[str, Path]
) -> None:
    assert await names(address, TlsSettings(**ours, rpc_ca=ours["rpc_cert"])) == ["Art"]


async def test_who_has_none_or_a_strangers_is_not(
    address: str, ours: dict[str, Path], tmp_path: Path
) -> None:
    stranger = certificate(tmp_path, "stranger")
    for tls in (
        TlsSettings(),  # no TLS at all
        TlsSettings(rpc_ca=ours["rpc_cert"]),  # nothing to show
        TlsSettings(**stranger, rpc_ca=ours["rpc_cert"]),
        TlsSettings(**ours, rpc_ca=stranger["rpc_cert"]),  # believes another authority
    ):
        with pytest.raises(UnavailableError):
            await names(address, tls)


def test_files_that_are_no_certificates_are_refused(ours: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "letter.pem").write_text("dear")
    letter = tmp_path / "letter.pem"

    with pytest.raises(ValueError, match="RPC_CA"):
        TlsSettings(rpc_ca=letter)
    with pytest.raises(ValueError, match="RPC_CERT and RPC_KEY: these are no certificate"):
        TlsSettings(rpc_cert=letter, rpc_key=ours["rpc_key"])


def test_half_a_pair_or_a_file_that_is_not_there_is_refused(
    ours: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="one does not go without the other"):
        TlsSettings(rpc_cert=ours["rpc_cert"])
    with pytest.raises(ValueError, match="there is no file"):
        TlsSettings(rpc_ca=tmp_path / "none.pem")


class Issuer:
    """Grants tokens t1, t2, … good for 100 seconds, or is away."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.away = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.content)
        if self.away:
            return httpx.Response(503)
        document = {"access_token": f"t{len(self.asked)}", "expires_in": 100}
        return httpx.Response(200, content=msgspec.json.encode(document))


def tokens_of(issuer: Issuer, now: Callable[[], float]) -> ServiceTokens:
    http = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
    return ServiceTokens(http, URL, client="order", secret="s" * 32, now=now)


async def test_a_token_is_renewed_at_half_its_life() -> None:
    issuer, clock = Issuer(), [0.0]
    tokens = tokens_of(issuer, lambda: clock[0])

    seen = []
    for clock[0] in (0, 49, 50, 99, 100):
        seen.append(await tokens())

    assert seen == ["t1", "t1", "t2", "t2", "t3"]
    assert issuer.asked[0] == (
        b"grant_type=client_credentials&client_id=order&client_secret=" + b"s" * 32
    )


async def test_the_old_token_serves_to_its_end_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(), [0.0]
    tokens = tokens_of(issuer, lambda: clock[0])
    await tokens()
    issuer.away = True

    clock[0] = 99
    assert await tokens() == "t1"
    clock[0] = 100
    with pytest.raises(UnavailableError, match="no token"):
        await tokens()


async def test_only_services_are_believed() -> None:
    service = Caller(roles=frozenset({Role.SYSTEM}))
    admin = Caller(id=uuid7(), roles=frozenset({Role.SYSTEM, Role.MANAGE}))
    check = services_only(
        KnownCallers({"service": service, "admin": admin, "weak": Caller(roles=frozenset())})
    )

    await check("service")
    for shown in ("admin", "weak", "unknown"):
        with pytest.raises(ForbiddenError):
            await check(shown)
