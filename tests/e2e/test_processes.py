"""Services as processes of their own: what a purchase reads crosses real sockets."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.harness.store import free_port

from bookstore.kit.errors import ForbiddenError
from bookstore.kit.rpc import ServiceTokens, open_channel
from bookstore.order.application.quote_order import QuoteOrder
from bookstore.order.domain.basket import BookId, Wish
from bookstore.order.outbound.catalog import CatalogPriceList

STARTER = Path(__file__).parents[2] / "data/starter/books.json"
PATIENCE_S = 30
SECRET = "a-secret-of-services-which-nobody-guesses"


@contextmanager
def serving(service: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service until the block ends; it must then end by itself, and well."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"bookstore.{service}", "serve"], env=settings
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


def until_ready(url: str, *processes: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and all(process.poll() is None for process in processes):
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"{url} does not get ready")


async def test_what_a_purchase_reads_crosses_real_processes(tmp_path: Path) -> None:
    identity, catalog, inventory = (f"127.0.0.1:{free_port()}" for _ in range(3))
    identity_rpc, catalog_rpc, inventory_rpc = (f"127.0.0.1:{free_port()}" for _ in range(3))
    everybody = {
        "PUBLIC_URL": f"http://{identity}",
        "CATALOG_RPC": catalog_rpc,
        "INVENTORY_RPC": inventory_rpc,
        "ORDER_RPC": "127.0.0.1:1",  # nobody: reads must not need it
        "SERVICE_SECRET": SECRET,
    }
    clients = ",".join(f"{name}:{SECRET}" for name in ("catalog", "inventory", "order"))
    with (
        serving(
            "identity",
            **everybody,
            HTTP=identity,
            RPC=identity_rpc,
            SERVICE_CLIENTS=clients,
            DATABASE_URL=f"sqlite:///{tmp_path}/identity.db",
        ) as accounts,
        serving(
            "inventory",
            **everybody,
            HTTP=inventory,
            RPC=inventory_rpc,
            DATABASE_URL=f"sqlite:///{tmp_path}/inventory.db",
        ) as shelves,
        serving(
            "catalog",
            **everybody,
            HTTP=catalog,
            RPC=catalog_rpc,
            DATABASE_URL=f"sqlite:///{tmp_path}/catalog.db",
            STARTER=str(STARTER),
        ) as books,
    ):
        for url in (identity, inventory, catalog):
            until_ready(f"http://{url}", accounts, shelves, books)
        async with httpx.AsyncClient() as client:
            found = await client.get(f"http://{catalog}/api/v1/books", params={"title": "hunger"})
            (book,) = found.json()["items"]
            stocked = await client.get(
                f"http://{inventory}/api/v1/stocks", params={"book_id": book["id"]}
            )
            wishes = [Wish(BookId(book["id"]), 2)]
            tokens = ServiceTokens(
                client, f"http://{identity}/oauth/token", client="order", secret=SECRET
            )
            async with open_channel(catalog_rpc, token=tokens) as channel:
                quote = await QuoteOrder(CatalogPriceList(channel))(wishes)
            async with open_channel(catalog_rpc) as nobodys:
                with pytest.raises(ForbiddenError):
                    await QuoteOrder(CatalogPriceList(nobodys))(wishes)

    (row,) = stocked.json()["items"]
    assert book["quantity"] == row["quantity"] > 0
    assert quote.lines[0].title == book["title"]
    assert quote.total.amount == 2 * book["price"]["amount"]
