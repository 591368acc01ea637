"""Ordering in a process of its own, over real sockets."""

import asyncio
import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tests.harness.issuer import issuing
from tools.servers.ports import free_port

from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub
from bookstore.kit.database import open_database
from bookstore.kit.rpc import ServiceToken, open_channel
from bookstore.order.app import MIGRATIONS
from bookstore.order.domain.order import Order
from bookstore.order.outbound.sql import SqlOrderStore
from services.order.tests.builders import an_order

COMMAND = [sys.executable, "-m", "bookstore.order"]


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


async def find(order: Order, address: str, token: ServiceToken) -> pb.Order:
    channel = open_channel(address, token=token)
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
        "PAYMENT_RPC": nobody,
    }

    with ExitStack() as stack:
        issuer = stack.enter_context(issuing())
        settings |= issuer.settings
        process = stack.enter_context(
            subprocess.Popen([*COMMAND, "serve"], env=environment(tmp_path, **settings))
        )
        stack.callback(process.kill)
        wait_until_ready(f"http://{http}", process)
        found = asyncio.run(find(order, rpc, issuer.token))
        placing = httpx.post(f"http://{http}/api/v1/orders", json={})
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    assert found.user_id == str(order.user_id)
    assert (placing.status_code, placing.headers["allow"]) == (405, "GET, HEAD")
    assert code == 0


@pytest.mark.parametrize("role", ["all", "command"])
@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("conductor", "CONDUCTOR_URL: SAGA_ENGINE=conductor takes an address"),
        ("embedded", "all six services in one process"),
    ],
)
def test_alone_it_does_not_pretend_to_place_orders(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    role: str,
    engine: str,
    said: str,
) -> None:
    monkeypatch.setenv("ROLE", role)
    monkeypatch.setenv("SAGA_ENGINE", engine)
    monkeypatch.setattr(sys, "argv", ["bookstore.order", "serve"])

    with pytest.raises(SystemExit) as end:
        runpy.run_module("bookstore.order", run_name="__main__")

    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_a_database_is_migrated_whatever_its_process_is_to_serve(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "migrate"], env=environment(tmp_path), check=False)

    assert done.returncode == 0
    assert (tmp_path / "order.db").exists()
