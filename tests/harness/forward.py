"""A way from another address to a server on loopback, for pods to reach what runs beside them."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PIECE = 65_536


@contextmanager
def forwarded(host: str, to: int) -> Iterator[int]:
    """Yield a port at `host` behind which the loopback's port `to` is, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def opened() -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: _pass_on(r, w, to), host, 0)

    server = asyncio.run_coroutine_threadsafe(opened(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Take no more, and drop what is under way."""
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: int) -> None:
    with contextlib.suppress(OSError, asyncio.CancelledError):
        there, back = await asyncio.open_connection("127.0.0.1", to)
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            back.transport.abort()
    writer.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy until one side is closed; then close the other."""
    with contextlib.suppress(OSError):
        while piece := await source.read(_PIECE):
            target.write(piece)
            await target.drain()
    target.close()
