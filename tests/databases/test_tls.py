"""TLS to a server, and certificates of both sides."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest
from tests.databases.things import add, names, same
from tests.harness.authority import Authority
from tests.harness.databases import SERVER
from tools.servers.mysql import Server

from bookstore.kit.database import DatabaseUnreachableError, open_database


@dataclass(frozen=True)
class Encrypted:
    """A server whose certificate an authority has signed, and that authority."""

    server: Server
    authority: Authority

    def url(self, user: str, **files: object) -> str:
        options = "&".join(f"{option}={file}" for option, file in files.items())
        return f"mysql://{user}:secret@127.0.0.1:{self.server.port}/shop?{options}"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    if SERVER != "mariadb":
        pytest.skip("MySQL is started without TLS: the other suites read its wire")
    folder = tmp_path_factory.mktemp("encrypted")
    authority = Authority(folder / "authority")
    files = authority.issue("server")
    server = Server(SERVER, folder)
    server.make()
    with (folder / "my.cnf").open("a") as configuration:
        for option, name in (("ca", "rpc_ca"), ("cert", "rpc_cert"), ("key", "rpc_key")):
            configuration.write(f"ssl-{option} = {files[name]}\n")
    try:
        server.start()
        with (
            closing(pymysql.connect(host="127.0.0.1", port=server.port, user="root")) as owner,
            owner.cursor() as cursor,
        ):
            cursor.execute("CREATE DATABASE shop")
            for user, required in (("secretive", "SSL"), ("known", "X509")):
                cursor.execute(f"CREATE USER {user} IDENTIFIED BY 'secret' REQUIRE {required}")
                cursor.execute(f"GRANT ALL ON shop.* TO {user}")
        yield Encrypted(server, authority)
    finally:
        server.stop()


async def test_what_is_said_is_encrypted_and_both_sides_prove_themselves(
    encrypted: Encrypted, migrations: Path
) -> None:
    ours = encrypted.authority.issue("shop")
    ca = encrypted.authority.file
    with open_database(encrypted.url("secretive", ssl_ca=ca), migrations) as database:
        await database.transact(same)(lambda session: add("a", session))

    shown = encrypted.url("known", ssl_ca=ca, ssl_cert=ours["rpc_cert"], ssl_key=ours["rpc_key"])
    with open_database(shown, migrations) as database:
        assert await database.read(same)(names) == ["a"]
    with (
        pytest.raises(DatabaseUnreachableError, match="Access denied"),
        open_database(encrypted.url("known", ssl_ca=ca), migrations),
    ):
        pass


def test_a_server_that_another_authority_vouches_for_is_not_believed(
    encrypted: Encrypted, tmp_path: Path, migrations: Path
) -> None:
    other = Authority(tmp_path / "another")

    with (
        pytest.raises(DatabaseUnreachableError, match="certificate verify failed"),
        open_database(encrypted.url("secretive", ssl_ca=other.file), migrations),
    ):
        pass


def test_a_server_without_tls_is_told_no_password(
    url: str, encrypted: Encrypted, migrations: Path
) -> None:
    with (
        pytest.raises(DatabaseUnreachableError, match="SSL is required"),
        open_database(f"{url}?ssl_ca={encrypted.authority.file}", migrations),
    ):
        pass
