"""Ordering in a process of its own, over real sockets."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub
from bookstore.kit.database import open_database
from bookstore.kit.rpc import Loopback, open_channel
from bookstore.kit.settings import SettingsError
from bookstore.order.__main__ import opened
from bookstore.order.app import MIGRATIONS
from bookstore.order.domain.order import Order
from bookstore.order.outbound.sql import SqlOrderStore
from bookstore.order.settings import Settings
from services.order.tests.builders import an_order

COMMAND = [sys.executable, "-m", "bookstore.order"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/order.db", **more}


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(400):
        assert process.poll() is None
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("it did not get ready")


async def keep(order: Order, url: str) -> None:
    with open_database(url, MIGRATIONS) as database:
        await database.transact(SqlOrderStore)(lambda store: store.orders.add(order))


async def find(order: Order, address: str) -> pb.Order:
    channel = open_channel(address)
    answer = await OrderServiceStub(channel).FindOrder(pb.FindOrderRequest(id=str(order.id)))
    await channel.close()
    return answer.order


def test_reads_are_served_over_the_network(tmp_path: Path) -> None:
    order = an_order()
    asyncio.run(keep(order, f"sqlite:///{tmp_path}/order.db"))
    http, rpc = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    nobody = "127.0.0.1:1"
    settings = {"ROLE": "query", "HTTP": http, "RPC": rpc} | {
        "CATALOG_RPC": nobody,
        "IDENTITY_RPC": nobody,
    }

    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen([*COMMAND, "serve"], env=environment(tmp_path, **settings))
        )
        stack.callback(process.kill)
        wait_until_ready(f"http://{http}", process)
        found = asyncio.run(find(order, rpc))
        placing = httpx.post(f"http://{http}/api/v1/orders", json={})
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    assert found.user_id == str(order.user_id)
    assert (placing.status_code, placing.headers["allow"]) == (405, "GET, HEAD")
    assert code == 0


@pytest.mark.parametrize("role", ["all", "command"])
async def test_alone_it_does_not_pretend_to_place_orders(role: Any) -> None:
    with pytest.raises(SettingsError, match="all six services in one process"):
        async with opened(Settings(role=role), lambda _name: Loopback().channel):
            pass
