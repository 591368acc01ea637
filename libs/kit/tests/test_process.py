"""A service as a process of its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bookstore.kit.process import Near, Process
from bookstore.kit.process_check import check_worker
from bookstore.kit.process_files import sole_writer
from bookstore.kit.process_settings import ProcessSettings, ServiceRole, ServiceSettings
from bookstore.kit.server import Address
from bookstore.kit.service import Service
from bookstore.kit.settings import SettingsError

SECRET = "s" * 32


class Settings(ServiceSettings, frozen=True, kw_only=True):
    database_url: str = "sqlite://"


@asynccontextmanager
async def opened(_settings: Settings, near: Near) -> AsyncGenerator[Service]:
    near("nowhere")
    yield Service(name="shelf")


def a_process(folder: Path) -> "Process[Settings]":
    (folder / "versions").mkdir()
    return Process(
        name="shelf",
        settings=Settings,
        migrations=folder,
        open=opened,
        neighbours=("nowhere",),
    )


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Refused":
    return Refused(a_process(tmp_path), monkeypatch, capsys)


class Refused:
    """Starts the process with settings that make no sense; returns what it says."""

    def __init__(
        self,
        process: "Process[Settings]",
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._process = process
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, **settings: str) -> str:
        good = {"SHELF_HTTP": "127.0.0.1:0", "SHELF_RPC": "127.0.0.1:0"} | {
            "NOWHERE_RPC": "127.0.0.1:1",
            "SERVICE_SECRET": SECRET,
        }
        for name, value in (good | settings).items():
            self._monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            self._process.main("serve")
        said = self._capsys.readouterr().err
        assert end.value.code == 2
        assert said.startswith("shelf: ")
        assert said.count("\n") == 1
        return said


def test_addresses_are_read_as_they_are_written() -> None:
    settings = ProcessSettings(http="[::1]:8085", public_url="https://books.example/")

    assert (settings.address.host, settings.address.port) == ("::1", 8085)
    assert settings.issuer.keys_url == "https://books.example/.well-known/jwks.json"


def test_identity_may_be_reached_elsewhere_than_clients_reach_it() -> None:
    settings = ProcessSettings(public_url="https://books.example", identity_url="http://id:8080/")

    assert settings.issuer.name == "https://books.example"
    assert settings.issuer.token_url == "http://id:8080/oauth/token"


def test_a_realm_of_keycloak_issues_tokens_under_its_own_name() -> None:
    realm, near = "https://id.example/realms/bookstore", "http://keycloak:8080/realms/bookstore"
    issuer = ProcessSettings(idp="keycloak", oidc_issuer=f"{realm}/", oidc_url=near).issuer

    assert issuer.name == realm
    assert issuer.keys_url == f"{near}/protocol/openid-connect/certs"
    assert issuer.token_url == f"{near}/protocol/openid-connect/token"


@pytest.mark.parametrize(("role", "replica"), [("query", "mysql://u@r/d"), ("all", None)])
def test_only_the_query_role_reads_from_a_replica(role: ServiceRole, replica: str | None) -> None:
    settings = ServiceSettings(
        database_url="mysql://u@h/d", database_replica_url="mysql://u@r/d", role=role
    )

    assert settings.replica == replica
    assert ServiceSettings(database_url="mysql://u@h/d", role=role).replica is None


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SHELF_HTTP", "nowhere", "HTTP: is nowhere, but takes host:port"),
        ("SHELF_RPC", "127.0.0.1:65536", "RPC: is 127.0.0.1:65536, but takes host:port"),
        ("HTTP", "127.0.0.1:80800", ""),  # the service's own variable counts more
        ("NOWHERE_RPC", "", "NOWHERE_RPC: is not set; where is nowhere?"),
        ("NOWHERE_RPC", "a:1,b", "NOWHERE_RPC: is a:1,b, but takes host:port"),
        ("SHELF_RPC", "a:1,b:2", "RPC: is a:1,b:2, but a process listens at one address"),
        ("SERVICE_SECRET", "", "SERVICE_SECRET: is not set"),
        ("SERVICE_SECRET", "short", "SERVICE_SECRET: a secret has 32 characters at least"),
        ("SHELF_ROLE", "reader", "SHELF_ROLE: is reader, but takes all, query or command"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: is loud, but takes DEBUG"),
        ("DRAIN_DELAY", "soon", "DRAIN_DELAY: is soon, but takes a number"),
        ("DRAIN_DELAY", "nan", "DRAIN_DELAY: is nan, but takes a number"),
        ("DRAIN_DELAY", "-1", "DRAIN_DELAY: is -1.0, but takes 0 seconds or more"),
        ("CORS_CREDENTIALS", "perhaps", "CORS_CREDENTIALS: is perhaps, but takes true or false"),
        ("PUBLIC_URL", "books.example", "PUBLIC_URL: this is no address"),
        ("IDENTITY_URL", "identity:8080", "IDENTITY_URL: this is no address"),
        ("IDP", "auth0", "IDP: is auth0, but takes builtin or keycloak"),
        ("IDP", "keycloak", "OIDC_ISSUER: is not set, but IDP is keycloak"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_ISSUER: is set, but IDP is builtin"),
        ("RPC_CA", "/no/such.pem", "RPC_CA: there is no file /no/such.pem"),
        ("DATABASE_URL", "mysql://db/shelf", "DATABASE_URL: a server's is mysql://USER"),
        ("DATABASE_URL", "sqlite", "DATABASE_URL: this is no URL"),
        ("DATABASE_REPLICA_URL", "nowhere", "DATABASE_REPLICA_URL: this is no URL"),
        (
            "DATABASE_REPLICA_URL",
            "mysql://u@h/db",
            "REPLICA_URL: is set, but a SQLite file has no",
        ),
        ("SHELF_RPC", "127.0.0.1:1,127.0.0.1:2", "but a process listens at one address"),
        ("NOWHERE_RPC", "http://nowhere:9080", "takes host:port, as in nowhere:9080"),
        ("SERVICE_SECRET_FILE", "/no/such", "SERVICE_SECRET: is set, and SERVICE_SECRET_FILE too"),
        ("DATABASE_URL", "mysql://u@h/d?ssl_ca=/no/such", "there is no file /no/such, its ssl_ca"),
        ("DATABASE_URL", "sqlite://shelf.db", "DATABASE_URL: a file needs three slashes"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_and_exit_code_2(
    variable: str, value: str, sentence: str, refused: Refused
) -> None:
    others = {} if sentence else {"LOG_LEVEL": "loud"}  # something must be wrong
    said = refused(**{variable: value} | others)

    assert sentence in said


def test_all_problems_are_told_at_once(refused: Refused) -> None:
    said = refused(
        ROLE="reader",
        DATABASE_URL="mysql://db/shelf",
        RPC="9080",
        SHELF_RPC="",
        LOG_LEVEL="loud",
        NOWHERE_RPC="",
        SERVICE_SECRET="",
        RPC_CERT="/no/such.pem",
        TRUSTED_PROXIES="everybody",
    )

    for name in ("ROLE", "DATABASE_URL", "RPC", "LOG_LEVEL", "NOWHERE_RPC", "SERVICE_SECRET"):
        assert f"{name}: " in said
    assert "RPC_CERT and RPC_KEY: one does not go without the other" in said
    assert "TRUSTED_PROXIES: " in said


def test_a_replica_is_for_who_only_reads(refused: Refused) -> None:
    url = "mysql://u@h/shelf"
    said = refused(ROLE="command", DATABASE_URL=url, DATABASE_REPLICA_URL=url)

    assert "DATABASE_REPLICA_URL: is set, but ROLE=command reads from no replica" in said


def test_two_apis_need_two_ports(refused: Refused) -> None:
    said = refused(SHELF_HTTP="127.0.0.1:8080", SHELF_RPC="127.0.0.1:8080")

    assert "HTTP and RPC: both are 127.0.0.1:8080" in said


def test_all_that_does_not_go_with_keycloak_is_told_at_once(refused: Refused) -> None:
    said = refused(IDP="keycloak", OIDC_URL="keycloak:8080", IDENTITY_URL="http://identity:8080")

    assert "OIDC_ISSUER: is not set" in said
    assert "OIDC_URL: this is no realm" in said
    assert "IDENTITY_URL: is set, but IDP is keycloak" in said


@pytest.mark.parametrize("variable", ["SHELF_HTTP", "SHELF_RPC"])
def test_a_port_in_use_is_a_sentence(variable: str, refused: Refused) -> None:
    with Address(port=0).listen() as listener:
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"

        assert f"{address}: Address already in use" in refused(**{variable: address})


def test_a_host_that_is_not_ours_is_a_sentence(refused: Refused) -> None:
    assert "192.0.2.1:0: " in refused(SHELF_RPC="192.0.2.1:0")


def test_an_unknown_command_says_which_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        a_process(tmp_path).main("dance")

    assert end.value.code == 2
    assert "serve|migrate" in capsys.readouterr().err


def test_a_file_has_one_writer(tmp_path: Path, refused: Refused) -> None:
    url = f"sqlite:///{tmp_path}/shelf.db"
    with sole_writer(Settings(database_url=url)):
        said = refused(SHELF_DATABASE_URL=url)
        with sole_writer(Settings(database_url=url, role="query")):
            pass

    assert f"DATABASE_URL: {tmp_path}/shelf.db is written by another process already" in said
    with sole_writer(Settings(database_url=url)):
        pass


def test_a_worker_needs_a_database_that_two_may_write() -> None:
    def problems(**settings: str) -> str:
        with pytest.raises(SettingsError) as refused:
            check_worker(lambda: Settings(**settings))  # type: ignore[arg-type]  # of its types
        return str(refused.value)

    server = "mysql://u:p@db/shelf"

    assert problems().startswith("DATABASE_URL: is a SQLite file")
    assert problems(database_url=server, role="query").startswith("ROLE: is query")
    check_worker(lambda: Settings(database_url=server, role="command"))


def test_a_database_that_cannot_be_opened_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHELF_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/shelf.db")

    with pytest.raises(SystemExit) as end:
        a_process(tmp_path).main("migrate")

    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "nowhere/shelf.db cannot be opened" in said
    assert said.count("\n") == 1
