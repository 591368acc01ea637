"""`bookstore up` begins, ends and begins again as it should."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.harness.people import Buyer, Staff
from tests.harness.store import Store, bookstore, free_port


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    """A store of its own, not started yet."""
    store = Store(tmp_path / "data")
    yield store
    store.kill()


def up(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        bookstore("up", "--port", str(port), "--data", str(data)),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_port_in_use_names_the_option_to_change(store: Store, tmp_path: Path) -> None:
    refused = up(tmp_path / "other", store.port)

    assert refused.returncode == 2
    assert refused.stderr.strip() == (f"Port {store.port} is in use: choose another with --port.")


def test_a_second_process_on_the_same_folder_is_refused(store: Store) -> None:
    refused = up(store.data, free_port())

    assert refused.returncode == 2
    assert "is in use by another store" in refused.stderr
    assert httpx.get(f"{store.url}/readyz").status_code == 200


def test_data_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "order.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    before = (tmp_path / "order.db").read_bytes()

    refused = up(tmp_path, free_port())

    assert refused.returncode == 2
    assert "newer bookstore" in refused.stderr
    assert (tmp_path / "order.db").read_bytes() == before


def test_settings_that_make_no_sense_are_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "nonsense")

    refused = up(tmp_path, free_port())

    assert refused.returncode == 2
    assert "PUBLIC_URL" in refused.stderr


async def test_a_restart_keeps_tokens_orders_and_the_staff_account(fresh: Store) -> None:
    fresh.environment = {"BOOKSTORE_STAFF_EMAIL": "", "BOOKSTORE_STAFF_PASSWORD": ""}
    fresh.data.mkdir()
    (fresh.data / "notes.txt").write_text("of somebody else")
    fresh.start()
    async with Buyer(fresh.url) as buyer:
        found = await buyer.http.get("/api/v1/books", params={"limit": 1})
        bought = await buyer.buy((found.json()["items"][0]["id"], 1))
        stopped = await asyncio.to_thread(fresh.stop)
        await asyncio.to_thread(fresh.start)
        kept = await buyer.http.get(bought.headers["location"])
        renewed = await buyer.http.post("/api/v1/users/tokens/exchange")

    assert stopped == 0
    assert (kept.status_code, kept.json()) == (200, bought.json())
    assert renewed.status_code == 200
    shown = re.findall(r"Staff account, shown only now: (\S+), password (\S+)", fresh.log)
    assert len(shown) == 1
    async with Staff(fresh.url) as staff:
        assert (staff.email, staff.password) != shown[0]


async def test_whoever_waits_when_it_is_told_to_stop_gets_an_answer(fresh: Store) -> None:
    fresh.environment = {"DRAIN_DELAY": "1"}
    fresh.start()
    async with Staff(fresh.url) as staff, Buyer(fresh.url) as buyer:
        book = await staff.shelve(5)
        waiting = asyncio.create_task(
            buyer.buy((book, 1), token="tok_timeout_before", prefer="wait=60")
        )
        while not (await buyer.http.get("/api/v1/orders")).json()["items"]:
            await asyncio.sleep(0.02)
        os.kill(fresh.pid, signal.SIGTERM)
        accepted = await waiting
        unready = await staff.http.get("/readyz")
        served = await buyer.http.get(accepted.headers["location"])
        assert fresh.process is not None
        code = await asyncio.to_thread(fresh.process.wait, 20)
        await asyncio.to_thread(fresh.start)
        status = ""
        while status != "confirmed":
            await asyncio.sleep(0.05)
            status = (await buyer.http.get(accepted.headers["location"])).json()["status"]

    assert (accepted.status_code, unready.status_code, served.status_code) == (202, 503, 200)
    assert code == 0
