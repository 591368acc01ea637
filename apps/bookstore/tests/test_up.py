"""`bookstore up` begins, ends and begins again as it should."""

import asyncio
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from apps.bookstore.tests.conftest import Outcome, Run
from tests.harness.people import Buyer, Person
from tests.harness.store import Store
from tools.servers.ports import free_port


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Store]:
    """A store of its own, not started yet."""
    store = Store(tmp_path / "data")
    yield store
    store.kill()


def up(run: Run, data: Path, port: int) -> Outcome:
    return run("up", "--port", str(port), "--data", data)


def test_a_port_in_use_names_the_option_to_change(run: Run, store: Store, tmp_path: Path) -> None:
    refused = up(run, tmp_path / "other", store.port)

    assert refused.code == 2
    assert refused.err.strip() == f"Port {store.port} is in use: choose another with --port."
    assert not (tmp_path / "other").exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(run: Run) -> None:
    refused = up(run, Path("/proc/x"), 0)

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("/proc/x cannot be the data folder (No such file or directory)")


def test_a_second_process_on_the_same_folder_is_refused(run: Run, store: Store) -> None:
    refused = up(run, store.data, free_port())

    assert refused.code == 2
    assert f"is in use by another store (process {store.pid})" in refused.err
    assert httpx.get(f"{store.url}/readyz").status_code == 200


def test_data_of_a_newer_version_are_refused(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "order.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    before = (tmp_path / "order.db").read_bytes()

    refused = up(run, tmp_path, free_port())

    assert refused.code == 2
    assert "newer bookstore" in refused.err
    assert (tmp_path / "order.db").read_bytes() == before


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PUBLIC_URL", "nonsense"),
        ("CATALOG_STARTER", "/nowhere"),
        ("DRAIN_DELAY", "soon"),
        ("LOG_LEVEL", "loud"),
        ("IDP", "keycloak"),
        ("SAGA_ENGINE", "conductor"),
        ("ROLE", "query"),
        ("CORS_CREDENTIALS", "perhaps"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector"),
        ("BOOKSTORE_STAFF_EMAIL", "no address"),
        ("BOOKSTORE_STAFF_PASSWORD", "short"),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)

    refused = up(run, tmp_path, free_port())

    assert refused.code == 2
    assert variable in refused.err
    assert list(tmp_path.iterdir()) == []


def test_all_settings_that_make_no_sense_are_told_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IDP", "SAGA_ENGINE", "SWEEP_EVERY", "TRUSTED_PROXIES"):
        monkeypatch.setenv(name, "nonsense")

    refused = up(run, tmp_path, free_port())

    assert refused.code == 2
    for name in ("IDP", "SAGA_ENGINE", "SWEEP_EVERY", "TRUSTED_PROXIES"):
        assert f"{name}: " in refused.err
    assert "builtin" in refused.err
    assert "embedded" in refused.err


def test_an_address_that_is_not_ours_names_the_options(run: Run, tmp_path: Path) -> None:
    refused = run("up", "--host", "192.0.2.1", "--port", "0", "--data", tmp_path)

    assert refused.code == 2
    assert "--host and --port" in refused.err


async def test_a_store_told_to_stop_answers_who_waits_and_goes_on_where_it_was(
    fresh: Store,
) -> None:
    fresh.environment = {
        "DRAIN_DELAY": "0.5",
        "NETWORK_SLOW": "1",
        "BOOKSTORE_STAFF_EMAIL": "",
        "BOOKSTORE_STAFF_PASSWORD": "",
    }
    fresh.data.mkdir()
    (fresh.data / "notes.txt").write_text("somebody else's")  # so it is a new store all the same
    await asyncio.to_thread(fresh.start)
    async with Buyer(fresh.url) as buyer:
        books = (await buyer.http.get("/api/v1/books", params={"limit": 1})).json()["items"]
        bought = await buyer.buy((books[0]["id"], 1))
        waiting = asyncio.create_task(
            buyer.buy((books[0]["id"], 1), token="tok_slow", prefer="wait=60")
        )
        while (await buyer.http.get("/api/v1/orders")).json()["total"] < 2:
            pass
        os.kill(fresh.pid, signal.SIGTERM)
        accepted = await waiting
        unready = await buyer.http.get("/readyz")
        served = await buyer.http.get(accepted.headers["location"])
        assert fresh.process is not None
        code = await asyncio.to_thread(fresh.process.wait, 20)

        assert (accepted.status_code, unready.status_code, served.status_code) == (202, 503, 200)
        assert code == 0
        assert "INFO bookstore.process: stopping: draining 1 request\n" in fresh.log
        assert "INFO bookstore.process: stopped\n" in fresh.log
        assert f"The bookstore is stopped; its data are safe in {fresh.data}\n" in fresh.log

        await asyncio.to_thread(fresh.start)
        kept = await buyer.http.get(bought.headers["location"])  # with the token of before
        renewed = await buyer.http.post("/api/v1/users/tokens/exchange")
        again = await buyer.buy((books[0]["id"], 1), token="tok_slow", prefer="wait=60")
        resumed = await buyer.http.get(accepted.headers["location"])

    assert (kept.status_code, kept.json()) == (200, bought.json())
    assert renewed.status_code == 200
    assert (again.status_code, resumed.json()["status"]) == (201, "confirmed")
    ((email, password),) = re.findall(
        r"Staff account, shown only now: (\S+), password (\S+)", fresh.log
    )
    async with Person(fresh.url, email, password) as staff:
        assert (await staff.http.get("/api/v1/sagas")).status_code == 200
