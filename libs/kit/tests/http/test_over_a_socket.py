"""What only shows on a real connection: bodies that never end, HEAD, and what comes after."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import httpx
import pytest
import uvicorn

from bookstore.kit.http import heads
from bookstore.kit.http.heads import LARGEST, Heads
from libs.kit.tests.http.shop import open_shop

MIB = 1024 * 1024
A_CHUNK = b"%x\r\n%s\r\n" % (MIB, b"x" * MIB)
POURING = (
    b"POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ada\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.fixture
async def address() -> AsyncGenerator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(open_shop(), http=Heads, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110 — uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield listener.getsockname()
    while server.server_state.connections:  # noqa: ASYNC110 — likewise
        await asyncio.sleep(0.01)
    server.should_exit = True
    await serving
    await asyncio.sleep(0)


async def test_a_body_without_end_is_cut_short(address: tuple[str, int]) -> None:
    _, writer = await asyncio.open_connection(*address)
    writer.write(POURING)
    poured = await pour(writer, A_CHUNK, 64)
    writer.close()
    assert poured < 48


async def test_who_pours_a_lot_before_it_reads_hears_that_it_was_too_much(
    address: tuple[str, int],
) -> None:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(POURING)
    poured = await pour(writer, A_CHUNK, 12)
    writer.write(b"0\r\n\r\n")
    said = await reader.read()
    writer.close()
    assert poured == 12
    assert said.startswith(b"HTTP/1.1 413 ")
    assert said.endswith(b"}")


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


async def answer_to(address: tuple[str, int], *pieces: bytes) -> str:
    """Return what is answered before the connection is closed; nothing, if nothing is."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        return (await asyncio.wait_for(reader.read(), 5)).decode()
    except ConnectionError:
        return "reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("pieces", "status", "code"),
    [
        ([b"GET /things/1 HTTP/1.1\r\nX: ", *[b"x" * LARGEST] * 3], 431, "head-too-large"),
        ([b"GET /things/1 HTTP/1.1\r\nX: " + b"x" * LARGEST + b"\r\n\r\n"], 431, "head-too-large"),
        ([b"GET /things/1 HTTP/1.1\r\n" + b"X: x\r\n" * 300 + b"\r\n"], 431, "head-too-large"),
        ([b"GET /" + b"x" * LARGEST + b" HTTP/1.1\r\nHost: x\r\n\r\n"], 431, "head-too-large"),
        ([b"GET /things/1 HTTP/1.1\r\nHost: x\r\n"], 408, "head-too-slow"),
        ([b"FOO /things/1 HTTP/1.1\r\nHost: x\r\n\r\n"], 400, "malformed"),
        ([b"\x16\x03\x01\x02\x00"], 400, "malformed"),
    ],
)
async def test_a_head_that_cannot_be_taken_is_a_problem(
    address: tuple[str, int],
    pieces: list[bytes],
    status: int,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.3)

    said = await answer_to(address, *pieces)

    assert said.startswith(f"HTTP/1.1 {status} ")
    assert "content-type: application/problem+json" in said
    assert f'"code":"{code}"' in said
    assert said.count("HTTP/1.1") == 1


async def test_who_says_nothing_is_hung_up_on(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.1)

    assert await answer_to(address) == ""


async def test_a_head_in_pieces_is_read(address: tuple[str, int]) -> None:
    pieces = (b"GET /thi", b"ngs/1 HTTP/1.1\r\nHo", b"st: x\r\nConnection: close\r", b"\n\r\n")

    assert (await answer_to(address, *pieces)).startswith("HTTP/1.1 200 ")


async def test_an_escaped_slash_is_none(address: tuple[str, int]) -> None:
    asked = b"GET /things%2F1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    assert (await answer_to(address, asked)).startswith("HTTP/1.1 404 ")
