"""The catalog in a process of its own: it serves both transports, and stops when told to."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.harness.issuer import Issuer, issuing
from tools.servers.ports import free_port

from bookstore.contracts.proto.category.v1.category_pb2 import FindAllCategoriesRequest
from bookstore.contracts.proto.category.v1.category_pb2_grpc import CategoryServiceStub
from bookstore.kit.rpc import open_channel

PATIENCE = 20.0  # seconds


def command(name: str, **settings: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bookstore.catalog", name],
        env={"PATH": os.environ["PATH"], **settings},
        stderr=subprocess.PIPE,
    )


async def until_ready(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if (await client.get("/readyz")).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.02)
    pytest.fail("the catalog does not become ready")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


async def test_the_catalog_serves_until_it_is_told_to_stop(tmp_path: Path, issuer: Issuer) -> None:
    port, rpc = free_port(), free_port()
    process = command(
        "serve",
        CATALOG_DATABASE_URL=f"sqlite:///{tmp_path}/catalog.db",
        CATALOG_HTTP=f"127.0.0.1:{port}",
        CATALOG_RPC=f"127.0.0.1:{rpc}",
        INVENTORY_RPC="127.0.0.1:1",
        ORDER_RPC="127.0.0.1:1",
        **issuer.settings,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until_ready(client, process)
            page = (await client.get("/api/v1/categories")).json()
        channel = open_channel(f"127.0.0.1:{rpc}", token=issuer.token)
        found = await CategoryServiceStub(channel).FindAllCategories(FindAllCategoriesRequest())
        await channel.close()
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)

    assert page["total"] == len(found.items) == 23
    assert process.returncode == 0
    began, ended = said.decode().splitlines()
    assert began.endswith(" INFO bookstore.process: stopping: draining 0 requests")
    assert ended.endswith(" INFO bookstore.process: stopped")


async def test_a_process_that_only_reads_neither_writes_nor_waits_for_the_starter_catalogue(
    tmp_path: Path, issuer: Issuer
) -> None:
    port = free_port()
    process = command(
        "serve",
        DATABASE_URL=f"sqlite:///{tmp_path}/catalog.db",
        HTTP=f"127.0.0.1:{port}",
        RPC=f"127.0.0.1:{free_port()}",
        INVENTORY_RPC="127.0.0.1:1",
        ORDER_RPC="127.0.0.1:1",
        ROLE="query",
        STARTER=str(tmp_path / "none.json"),
        **issuer.settings,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until_ready(client, process)
            page = await client.get("/api/v1/categories")
            writing = await client.post("/api/v1/authors", json={"name": "Ada"})
    finally:
        process.kill()
        process.communicate()

    assert (page.status_code, writing.status_code) == (200, 405)


def test_a_process_without_its_neighbours_says_what_is_missing(tmp_path: Path) -> None:
    process = command(
        "serve",
        CATALOG_DATABASE_URL=f"sqlite:///{tmp_path}/catalog.db",
        CATALOG_HTTP="127.0.0.1:0",
        CATALOG_RPC="127.0.0.1:0",
    )
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode == 2
    assert said.startswith(
        b"catalog: INVENTORY_RPC: is not set; where is inventory?; "
        b"ORDER_RPC: is not set; where is order?; SERVICE_SECRET: is not set; "
    )
    assert said.count(b"\n") == 1


def test_a_database_is_migrated_on_demand(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    process = command("migrate", DATABASE_URL=f"sqlite:///{file}")
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert file.exists()
