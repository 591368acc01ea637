"""A cheap HTTP load: keep-alive connections that each send one request after the other."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a load cost: milliseconds of the server's CPU per request, and requests a second."""

    cpu_ms: float
    per_second: float
    statuses: dict[int, int]


def cpu_seconds(pid: int) -> float:
    """Return the CPU that a process has used so far, user and system, in seconds."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 — not a file of ours
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Return the memory that a process holds, in MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 — likewise
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def load(
    pid: int, port: int, request: Callable[[int], bytes], *, count: int, connections: int = 16
) -> Measured:
    """Send `request(0)` to `request(count - 1)`, and measure what that costs process `pid`."""
    statuses: dict[int, int] = {}
    numbers = iter(range(count))

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            status = int(head[9:12])
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    started, before = time.perf_counter(), cpu_seconds(pid)
    await asyncio.gather(*(one_connection() for _ in range(connections)))
    elapsed, used = time.perf_counter() - started, cpu_seconds(pid) - before
    return Measured(used / count * 1000, count / elapsed, statuses)


def get(path: str) -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Return a POST request; header `x_y` goes as `x-y`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body
