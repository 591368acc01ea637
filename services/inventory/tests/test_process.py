"""Inventory in a process of its own, over real sockets."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.kit.rpc import open_channel

PATIENCE = 20  # seconds


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def served(folder: Path, http: str, rpc: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/inventory.db",
        "HTTP": http,
        "RPC": rpc,
        "CATALOG_RPC": "127.0.0.1:1",
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

    with served(tmp_path, http, rpc) as process:
        channel = open_channel(rpc)
        items = [pb.StockedBook(book_id=7, quantity=10)]
        await StockServiceStub(channel).StockBooks(pb.StockBooksRequest(items=items))
        await channel.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    with served(tmp_path, http, rpc):
        async with httpx.AsyncClient(base_url=f"http://{http}") as client:
            page = (await client.get("/api/v1/stocks?book_id=7")).json()

    assert [stock["quantity"] for stock in page["items"]] == [10]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], b"usage: python -m bookstore.inventory serve|migrate\n"),
        (["serve"], b"inventory: CATALOG_RPC: is not set; where is catalog?\n"),
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

    assert (done.returncode != 0, done.stderr) == (True, said)
