"""What a request costs: `make bench`.

Starts a bare Starlette hello and a whole store, sends both the same kind of load, and prints the
server's CPU (user + system) per request. Figures are printed, never asserted. Use `--quick` for a
tenth of the load.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import uvloop
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import sagas
from benchmarks.load import Measured, get, load, post, resident_mb
from tests.harness.people import Buyer, Staff, order
from tests.harness.store import Store, bookstore
from tools.servers.ports import free_port

FEED = Path(__file__).parents[2] / "shared/data/goodbooks-10k/books.csv"
LIST = "/api/v1/books?title=the&sort=price&order=asc&limit=20"


@contextlib.contextmanager
def hello() -> Iterator[tuple[int, int]]:
    """Run the baseline; give its process id and port."""
    port = free_port()
    script = Path(__file__).with_name("hello.py")
    process = subprocess.Popen([sys.executable, str(script), str(port)])
    try:
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def import_feed(store: Store) -> float | None:
    """Import the ten thousand books, if they are here; return how many seconds that took."""
    if not FEED.exists():
        return None
    started = time.perf_counter()
    command = bookstore("import", "goodbooks", str(FEED), "--url", store.url)
    environment = store.environment_of_staff()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


async def measure(scale: int) -> list[tuple[str, Measured]]:
    """Measure everything in one run, the baseline first and last."""
    rows: list[tuple[str, Measured]] = []
    with tempfile.TemporaryDirectory() as folder, hello() as (hello_pid, hello_port):
        await load(hello_pid, hello_port, lambda _: get("/"), count=20 * scale)
        rows.append(
            (
                "bare Starlette hello",
                await load(hello_pid, hello_port, lambda _: get("/"), count=100 * scale),
            )
        )
        store = Store(Path(folder) / "data")
        store.start()
        try:
            rows += await measure_store(store, scale)
            rows.append(
                (
                    "bare Starlette hello, again",
                    await load(hello_pid, hello_port, lambda _: get("/"), count=100 * scale),
                )
            )
            print(f"resident memory {resident_mb(store.pid):.0f} MB")
            print(f"exit code on SIGTERM {store.stop()}")
            started = time.perf_counter()
            store.start()
            print(f"warm start to ready {time.perf_counter() - started:.2f} s")
        finally:
            store.kill()
    return rows


async def measure_store(store: Store, scale: int) -> list[tuple[str, Measured]]:
    """Measure reads and purchases."""
    seconds = import_feed(store)
    print(f"import of 10,000 books: {'no feed here' if seconds is None else f'{seconds:.1f} s'}")
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        books = [await staff.shelve(1_000_000) for _ in range(4)]
        token = buyer.http.headers["Authorization"]

        def buy(number: int) -> bytes:
            body = json.dumps(order((books[number % 4], 1))).encode()
            key = f"bench-{number}"
            return post(
                "/api/v1/orders", body, authorization=token, idempotency_key=key, prefer="wait=30"
            )

        async def measured(request: object, count: int, connections: int = 16) -> Measured:
            return await load(store.pid, store.port, request, count=count, connections=connections)  # type: ignore[arg-type]  # a function of the number

        await measured(lambda _: get(f"/api/v1/books/{books[0]}"), 10 * scale)
        await measured(lambda n: buy(-1 - n), 2 * scale)
        return [
            (
                "GET one book",
                await measured(lambda _: get(f"/api/v1/books/{books[0]}"), 100 * scale),
            ),
            ("GET 20 books, filtered and sorted", await measured(lambda _: get(LIST), 40 * scale)),
            (
                "POST order to confirmed, 1 at a time",
                await measured(lambda n: buy(10**6 + n), 4 * scale, 1),
            ),
            ("POST order to confirmed, 16 at once", await measured(buy, 20 * scale)),
            (
                "POST order to confirmed, 64 at once",
                await measured(lambda n: buy(10**7 + n), 20 * scale, 64),
            ),
        ]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the load")
    scale = 10 if parser.parse_args().quick else 100
    rows = asyncio.run(measure(scale))
    base = rows[0][1].cpu_ms
    table = Table("work", "CPU ms / request", "x hello", "requests / s", "answers")
    for name, measured in rows:
        answers = ", ".join(f"{count} x {status}" for status, count in measured.statuses.items())
        table.add_row(
            name,
            f"{measured.cpu_ms:.3f}",
            f"{measured.cpu_ms / base:.1f}",
            f"{measured.per_second:.0f}",
            answers,
        )
    console = Console()
    console.print(table)
    for at_once in (1, 16, 128):
        saga = uvloop.run(sagas.measure(20 * scale, at_once))
        console.print(
            f"sagas of six empty steps, {at_once} at once: {saga.per_second:.0f} / s,"
            f" {saga.cpu_ms:.2f} ms CPU each"
        )


if __name__ == "__main__":
    main()
