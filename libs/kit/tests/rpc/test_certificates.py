"""Certificates are renewed where they are, and nobody restarts."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bookstore.contracts.proto.category.v1.category_pb2_grpc import (
    add_CategoryServiceServicer_to_server,
)
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import Certificates, TlsSettings, open_channel, open_server
from libs.kit.tests.rpc.test_trust import Categories, asked, certificate
from libs.kit.tests.rpc.trust import check, token


@dataclass
class Mounted:
    """The files that an agent keeps, as a server and a channel see them."""

    folder: Path
    now: float = 0.0

    def mount(self, name: str) -> None:
        """Put other files in the place of those that are there."""
        for suffix in ("pem", "key"):
            new = self.folder / "new"
            shutil.copy(self.folder / f"{name}.{suffix}", new)
            new.replace(self.folder / f"mounted.{suffix}")

    @property
    def tls(self) -> TlsSettings:
        cert, key = self.folder / "mounted.pem", self.folder / "mounted.key"
        return TlsSettings(rpc_cert=cert, rpc_key=key, rpc_ca=cert)

    def seen(self) -> Certificates:
        return Certificates(self.tls, now=lambda: self.now)


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    for name in ("old", "new-one"):
        certificate(tmp_path, name)
    mounted = Mounted(tmp_path)
    mounted.mount("old")
    return mounted


@pytest.fixture
async def address(mounted: Mounted) -> AsyncIterator[str]:
    register = partial(add_CategoryServiceServicer_to_server, Categories())
    async with open_server(
        [register], "127.0.0.1:0", check=check, certificates=mounted.seen(), grace=0
    ) as server:
        yield server.address


async def test_both_ends_take_up_new_files(address: str, mounted: Mounted) -> None:
    async with open_channel(address, certificates=mounted.seen(), token=token) as channel:
        assert await asked(channel) == ["Art"]
        mounted.mount("new-one")
        mounted.now = 10

        assert await asked(channel) == ["Art"]
    old = mounted.folder / "old.pem", mounted.folder / "old.key"
    stale = TlsSettings(rpc_cert=old[0], rpc_key=old[1], rpc_ca=old[0])
    async with open_channel(
        address, certificates=Certificates(stale), timeout=1, token=token
    ) as channel:
        with pytest.raises(UnavailableError):
            await asked(channel)


async def test_files_that_make_no_sense_yet_change_nothing(address: str, mounted: Mounted) -> None:
    certificates = mounted.seen()
    shutil.copy(mounted.folder / "new-one.pem", mounted.folder / "mounted.pem")
    mounted.now = 10
    assert certificates.renewed() == 0
    (mounted.folder / "mounted.pem").unlink()
    mounted.now = 20
    assert certificates.renewed() == 0

    mounted.mount("new-one")
    mounted.now = 30
    assert certificates.renewed() == 1
    async with open_channel(address, certificates=certificates, token=token) as channel:
        assert await asked(channel) == ["Art"]


def test_files_are_not_looked_at_all_the_time(mounted: Mounted) -> None:
    certificates = mounted.seen()
    mounted.mount("new-one")
    mounted.now = 4
    assert certificates.renewed() == 0
    mounted.now = 6
    assert certificates.renewed() == 1


def test_without_tls_there_is_nothing_to_renew() -> None:
    certificates = Certificates(TlsSettings())

    assert certificates.for_server() is None
    assert certificates.for_channel() is None
    assert certificates.renewed() == 0
