"""The process that serves: nobody's word is taken for who asks, and SIGTERM drains."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from bookstore.kit.caller import Caller
from bookstore.kit.server import Address, serve
from bookstore.kit.telemetry import PROCESS_LOG
from libs.kit.tests.http.shop import Shop, open_shop


@asynccontextmanager
async def serving(shop: Shop, drain_delay: float) -> AsyncGenerator[httpx.AsyncClient]:
    """Serve the shop until the process is told to stop, which it must be."""
    app = open_shop(shop)
    listener = Address(port=0).listen()
    started = asyncio.Event()
    server = serve(app, listener, drainable=app, drain_delay=drain_delay, started=started.set)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(server)
        await started.wait()
        port = listener.getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            yield http


async def test_a_made_up_forwarded_for_is_not_believed() -> None:
    shop = Shop()
    async with serving(shop, 0) as http:
        await http.get("/things", headers={"x-forwarded-for": "6.6.6.6"})
        os.kill(os.getpid(), signal.SIGTERM)
    caller = shop.asked[0]
    assert isinstance(caller, Caller)
    assert caller.address == "127.0.0.1"


async def test_a_drain_serves_on_for_a_while_and_then_refuses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", PROCESS_LOG)
    async with serving(Shop(), 0.3) as http:
        before = await http.get("/readyz")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        after, served = await http.get("/readyz"), await http.get("/things")
        await asyncio.sleep(0.5)
        refused = await http.get("/things")
    assert (before.status_code, after.status_code, served.status_code) == (200, 503, 200)
    assert (refused.status_code, refused.headers["connection"]) == (503, "close")
    assert "retry-after" in refused.headers
    assert caplog.messages.count("stopping: draining 0 requests") == 1
