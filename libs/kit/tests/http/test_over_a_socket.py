"""What only shows on a real connection: bodies that never end, HEAD, and what comes after."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import httpx
import pytest
import uvicorn

from libs.kit.tests.http.shop import open_shop

MIB = 1024 * 1024


@pytest.fixture
async def address() -> AsyncGenerator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(open_shop(), http="httptools", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 — uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    await serving


async def test_a_body_without_end_is_cut_short(address: tuple[str, int]) -> None:
    _, writer = await asyncio.open_connection(*address)
    writer.write(
        b"POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ada\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    poured = await pour(writer, b"%x\r\n%s\r\n" % (MIB, b"x" * MIB), 64)
    writer.close()
    assert poured < 32


async def pour(writer: asyncio.StreamWriter, chunk: bytes, times: int) -> int:
    """Write the chunk so often; return how often before the other end hung up."""
    for poured in range(times):
        writer.write(chunk)
        try:
            await writer.drain()
        except ConnectionError:
            return poured
    return times


async def test_head_leaves_the_connection_fit_for_more(address: tuple[str, int]) -> None:
    host, port = address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as http:
        head = await http.head("/things/1")
        get = await http.get("/things/1")
        unchanged = await http.get("/things/1", headers={"if-none-match": get.headers["etag"]})
    assert int(head.headers["content-length"]) == len(get.content)
    assert (get.json(), unchanged.status_code, unchanged.content) == ({"id": 1}, 304, b"")
