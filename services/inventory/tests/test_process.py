"""Inventory in a process of its own, over real sockets."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from tests.harness.issuer import Issuer, issuing
from tools.servers.ports import free_address

from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.kit.rpc import open_channel

PATIENCE = 20  # seconds
STOCKS = "/api/v1/stocks"


@contextmanager
def served(
    folder: Path, http: str, rpc: str, issuer: Issuer, **more: str
) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/inventory.db",
        "HTTP": http,
        "RPC": rpc,
        "CATALOG_RPC": "127.0.0.1:1",
        **issuer.settings,
        **more,
    }
    command = [sys.executable, "-m", "bookstore.inventory", "serve"]
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(command, env=environment))
        stack.callback(process.kill)
        deadline = time.monotonic() + PATIENCE
        while not is_ready(http):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/readyz").is_success
    except httpx.TransportError:
        return False


async def test_what_was_stocked_over_grpc_is_read_over_rest_after_a_restart(
    tmp_path: Path,
) -> None:
    http, rpc = free_address(), free_address()

    with issuing() as issuer, served(tmp_path, http, rpc, issuer) as process:
        channel = open_channel(rpc, token=issuer.token)
        items = [pb.StockedBook(book_id=7, quantity=10)]
        await StockServiceStub(channel).StockBooks(pb.StockBooksRequest(items=items))
        await channel.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    with issuing() as issuer, served(tmp_path, http, rpc, issuer):
        async with httpx.AsyncClient(base_url=f"http://{http}") as client:
            page = (await client.get("/api/v1/stocks?book_id=7")).json()

    assert [stock["quantity"] for stock in page["items"]] == [10]


@pytest.mark.parametrize(
    ("role", "statuses", "code"),
    [("query", [200, 405], grpc.StatusCode.UNIMPLEMENTED), ("command", [405, 401], None)],
)
async def test_a_process_serves_what_its_role_says(
    tmp_path: Path, role: str, statuses: list[int], code: grpc.StatusCode | None
) -> None:
    http, rpc = free_address(), free_address()

    with issuing() as issuer, served(tmp_path, http, rpc, issuer, ROLE=role):
        async with httpx.AsyncClient(base_url=f"http://{http}") as client:
            answers = [await client.get(STOCKS), await client.post(STOCKS, json={})]
        token = (("authorization", f"Bearer {issuer.sign()}"),)
        async with grpc.aio.insecure_channel(rpc) as channel:
            stub = StockServiceStub(channel)
            stocking = pb.StockBooksRequest(items=[pb.StockedBook(book_id=7, quantity=10)])
            refused = await failure(stub.StockBooks(stocking, metadata=token))
            unread = await failure(stub.FindAllStocks(pb.FindAllStocksRequest(), metadata=token))

    assert [answer.status_code for answer in answers] == statuses
    assert (refused, unread) == (code, None if code else grpc.StatusCode.UNIMPLEMENTED)


async def failure(call: Any) -> grpc.StatusCode | None:
    """Return with which status a call fails, None if it does not."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], b"usage: python -m bookstore.inventory serve|work|migrate"),
        (["work"], b"inventory: INVENTORY_CONDUCTOR_URL: is not set"),
        (["serve"], b"inventory: CATALOG_RPC: is not set; where is catalog?"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, arguments: list[str], said: bytes
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bookstore.inventory", *arguments],
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/inventory.db", "HTTP": free_address()},
        check=False,
        stderr=subprocess.PIPE,
    )

    assert done.returncode
    assert done.stderr.startswith(said)
    assert done.stderr.count(b"\n") == 1
