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
from tests.harness.people import Buyer
from tests.harness.store import free_port

from bookstore.kit.errors import ForbiddenError
from bookstore.kit.rpc import open_channel
from bookstore.order.domain.basket import BookId
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
    identity, catalog, inventory, ordering = (f"127.0.0.1:{free_port()}" for _ in range(4))
    identity_rpc, catalog_rpc, inventory_rpc, order_rpc = (
        f"127.0.0.1:{free_port()}" for _ in range(4)
    )
    everybody = {
        "PUBLIC_URL": f"http://{identity}",
        "IDENTITY_RPC": identity_rpc,
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
        serving(
            "order",
            **everybody,
            HTTP=ordering,
            RPC=order_rpc,
            ROLE="query",
            DATABASE_URL=f"sqlite:///{tmp_path}/order.db",
        ) as purchases,
    ):
        for url in (identity, inventory, catalog, ordering):
            until_ready(f"http://{url}", accounts, shelves, books, purchases)
        async with httpx.AsyncClient() as client:
            found = await client.get(f"http://{catalog}/api/v1/books", params={"title": "hunger"})
            (book,) = found.json()["items"]
            stocked = await client.get(
                f"http://{inventory}/api/v1/stocks", params={"book_id": book["id"]}
            )
        async with Buyer(f"http://{identity}") as buyer:
            wanted = {"order_items": [{"book_id": book["id"], "quantity": 2}]}
            quoted = await buyer.http.post(f"http://{ordering}/api/v1/orders/quote", json=wanted)
        async with open_channel(catalog_rpc) as nobodys:
            with pytest.raises(ForbiddenError):
                await CatalogPriceList(nobodys).offers([BookId(book["id"])])

    (row,) = stocked.json()["items"]
    assert book["quantity"] == row["quantity"] > 0
    assert quoted.status_code == 200, quoted.text
    quote = quoted.json()
    assert quote["order_items"][0]["title"] == book["title"]
    assert quote["total_price"]["amount"] == 2 * book["price"]["amount"]
