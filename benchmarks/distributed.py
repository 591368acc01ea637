"""What it costs to run the store apart: `make bench-distributed`.

In one run: reads from a store in one process, then the same reads from the catalog's own process
on MariaDB; purchases in the one, then through Conductor in the other; and the memory that each
process holds. It needs the real servers (`make test-distributed` says which). Figures are
printed, never asserted.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench import LIST, hello
from benchmarks.load import Measured, cpu_seconds, get, load
from tests.harness.distributed import Distributed, distributed
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import until_over
from tests.harness.store import Store
from tools.distributed.plan import Part
from tools.servers import conductor, envoy, keycloak, mysql

AT_ONCE = 16
CATALOG = Part("catalog", "serve")
READS = {
    "GET one book": ("/api/v1/books/7", 5_000),
    "GET 20 books, filtered and sorted": (LIST, 2_000),
}
WARM_UP = 500
PURCHASES = 32


@dataclass(frozen=True, slots=True)
class Bought:
    """How purchases went: seconds of CPU are of all processes together, for each purchase."""

    per_second: float
    cpu_s: float
    unconfirmed: int


async def measure_reads(pid: int, port: int) -> dict[str, Measured]:
    """Read from a process."""
    measured = {}
    for name, (path, count) in READS.items():
        await load(pid, port, asking(path), count=WARM_UP)
        measured[name] = await load(pid, port, asking(path), count=count)
    return measured


def asking(path: str) -> Callable[[int], bytes]:
    """Ask for the same again and again."""
    request = get(path)
    return lambda _number: request


async def measure_purchases(url: str, pids: Iterable[int]) -> Bought:
    """Buy so many books, some at once, each to its end."""
    pids = list(pids)
    slots = asyncio.Semaphore(AT_ONCE)
    async with Staff(url) as staff, Buyer(url) as buyer:
        book = await staff.shelve(1_000_000)

        async def buy() -> str:
            async with slots:
                answer = await buyer.buy((book, 1), prefer="wait=60")
                ended = await until_over(buyer, answer.headers["location"])
                return str(ended["status"])

        await asyncio.gather(*(buy() for _ in range(AT_ONCE)))
        started, before = time.perf_counter(), sum(map(cpu_seconds, pids))
        endings = await asyncio.gather(*(buy() for _ in range(PURCHASES)))
        elapsed, used = time.perf_counter() - started, sum(map(cpu_seconds, pids)) - before
    unconfirmed = sum(ending != "confirmed" for ending in endings)
    return Bought(PURCHASES / elapsed, used / PURCHASES, unconfirmed)


async def embedded(folder: Path) -> tuple[dict[str, Measured], Bought]:
    """Measure a store in one process."""
    store = Store(folder / "data")
    store.start()
    try:
        reads = await measure_reads(store.pid, store.port)
        return reads, await measure_purchases(store.url, [store.pid])
    finally:
        store.kill()


async def apart(store: Distributed) -> tuple[dict[str, Measured], Bought]:
    """Measure the same in a store whose services run apart."""
    running = {part: program.process for part, program in store.fleet.programs.items()}
    pids = {part: process.pid for part, process in running.items() if process is not None}
    reads = await measure_reads(pids[CATALOG], store.plan.http(CATALOG)[1])
    return reads, await measure_purchases(store.url, pids.values())


def main() -> int:
    """Measure, and print."""
    console = Console()
    for reason in (mysql.missing("mariadb"), conductor.missing(), envoy.missing()):
        if reason:
            console.print(f"NOTHING WAS MEASURED: {reason}")
            return 2
    console.print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bookstore-")))
        pid, port = stack.enter_context(hello())
        base = asyncio.run(load(pid, port, asking("/"), count=20_000))
        one_reads, one_bought = asyncio.run(embedded(folder))
        (folder / "conductor").mkdir()
        engine = stack.enter_context(conductor.running_conductor(folder / "conductor"))
        realm = None
        if keycloak.missing() is None:
            realm = stack.enter_context(keycloak.running_keycloak(folder / "keycloak"))
        store = stack.enter_context(distributed(folder, engine, realm))
        six_reads, six_bought = asyncio.run(apart(store))
        memory = store.resident_mib()
    console.print(reads_table(base, one_reads, six_reads))
    for name, bought in (("in one process", one_bought), ("apart, on Conductor", six_bought)):
        console.print(
            f"{PURCHASES} purchases {name}, {AT_ONCE} at once: {bought.per_second:.1f} / s, "
            f"{bought.cpu_s * 1000:.1f} ms CPU each in our processes, "
            f"{bought.unconfirmed} not confirmed"
        )
    issuer = "identity" if realm is None else "Keycloak"
    console.print(f"resident memory after it, MariaDB below and tokens of {issuer}:")
    for part, mib in sorted(memory.items()):
        console.print(f"  {part:16} {mib:4.0f} MiB")
    return 0


def reads_table(base: Measured, one: dict[str, Measured], six: dict[str, Measured]) -> Table:
    """Return the figures of the reads beside each other."""
    table = Table(
        "read", "one process", "apart, on MariaDB", "apart / one", "x hello", "requests / s"
    )
    table.add_row("bare Starlette hello", f"{base.cpu_ms:.3f} ms", "", "", "1.0", "")
    for name in READS:
        table.add_row(
            name,
            f"{one[name].cpu_ms:.3f} ms",
            f"{six[name].cpu_ms:.3f} ms",
            f"{six[name].cpu_ms / one[name].cpu_ms:.1f}",
            f"{six[name].cpu_ms / base.cpu_ms:.1f}",
            f"{six[name].per_second:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
