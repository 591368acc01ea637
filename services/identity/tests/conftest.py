import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from httpx import AsyncClient, MockTransport
from msgspec.structs import replace
from tests.harness.databases import SQL, an_empty_database

from bookstore.identity.app import MIGRATIONS, Identity, open_identity
from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.builtin import keys
from bookstore.identity.outbound.builtin.passwords import Effort, Passwords
from bookstore.identity.outbound.builtin.provider import BuiltinProvider
from bookstore.identity.outbound.builtin.signer import Names, TokenSigner
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.identity.outbound.keycloak.open import open_keycloak
from bookstore.identity.outbound.keycloak.provider import KeycloakProvider
from bookstore.kit.auth import Verifier
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import Database, open_database
from bookstore.kit.http import Application, application
from services.identity.tests.builders import NOW
from services.identity.tests.keycloak import ISSUER, REALM, SECRET, FakeKeycloak
from services.identity.tests.web import SETTINGS, STAFF, browser

EFFORT = Effort(memory_kib=8, passes=1)
NAMES = Names(issuer="http://127.0.0.1:8080", audience="bookstore")


@pytest.fixture(autouse=True)
def keys_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use three keys in turn: each takes a tenth of a second to make."""
    made = itertools.cycle(_keys())
    monkeypatch.setattr(keys, "generate_private_key", lambda *_: next(made))


@cache
def _keys() -> list[RSAPrivateKey]:
    return [generate_private_key(65537, 2048) for _ in range(3)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that was migrated and never used: tests take copies of it."""
    file = tmp_path_factory.mktemp("empty") / "identity.db"
    with open_database(f"sqlite:///{file}", MIGRATIONS):
        pass
    return file


@pytest.fixture(params=SQL)
def url(request: pytest.FixtureRequest, tmp_path: Path, empty: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(empty, tmp_path)}"
    else:
        with an_empty_database(request.param) as there:
            yield there


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with open_database(url, MIGRATIONS) as opened:
        yield opened


@dataclass(frozen=True)
class Builtin:
    """Our own provider, with what it is made of."""

    provider: BuiltinProvider
    signer: TokenSigner
    verifier: Verifier
    database: Database


@pytest.fixture
async def builtin(database: Database, clock: FakeClock) -> AsyncIterator[Builtin]:
    vault = database.transact(Vault)
    signer = TokenSigner(vault, NAMES, clock)
    verifier = Verifier(signer, issuer=NAMES.issuer, audience=NAMES.audience, clock=clock)
    with Passwords(EFFORT) as passwords:
        provider = BuiltinProvider(vault, database.read(Vault), passwords, signer, clock)
        yield Builtin(provider, signer, verifier, database)


@pytest.fixture
def realm() -> FakeKeycloak:
    return FakeKeycloak()


@pytest.fixture
async def keycloak(
    realm: FakeKeycloak, database: Database, clock: FakeClock
) -> AsyncIterator[KeycloakProvider]:
    async with open_keycloak(
        ISSUER,
        url=REALM,
        secret=SECRET,
        attempts=database.transact(SqlAttempts),
        clock=clock,
        transport=MockTransport(realm),
    ) as opened:
        yield opened.provider


@pytest.fixture
async def identity(url: str, clock: FakeClock) -> AsyncIterator[Identity]:
    settings = replace(SETTINGS, database_url=url)
    async with open_identity(settings, clock=clock, effort=EFFORT) as opened:
        await opened.staff.ensure(STAFF["email"], STAFF["password"])
        yield opened


@pytest.fixture
def app(identity: Identity) -> Application:
    return application(identity.operations, authenticator=identity.authenticator)


@pytest.fixture
async def client(app: Application) -> AsyncIterator[AsyncClient]:
    async with browser(app) as opened:
        yield opened
