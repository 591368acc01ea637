"""On a real node: a purchase, an update and kills while orders come in, and the way back."""

import asyncio
import os
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.harness.cluster import NAMESPACE, Cluster
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import until_over
from tools.delivery.cluster import kubectl
from tools.delivery.install import TOOLS


@asynccontextmanager
async def readers(buyer: Buyer, wrong: Counter[str]) -> AsyncIterator[Counter[str]]:
    """Have people read all the time, and count what goes wrong."""
    seen: Counter[str] = Counter()

    async def read(path: str) -> None:
        while True:
            try:
                answer = await buyer.http.get(path)
                what = str(answer.status_code)
            except httpx.TransportError as error:
                what = type(error).__name__
            seen[what] += 1
            if what != "200":
                wrong[f"GET {path}: {what}"] += 1
            await asyncio.sleep(0.02)

    paths = ("/api/v1/books?limit=1", "/api/v1/orders", "/api/v1/payments")
    running = [asyncio.create_task(read(path)) for path in paths]
    try:
        yield seen
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def while_ordering(
    buyer: Buyer, book: int, action: Callable[[], Awaitable[object]]
) -> list[str]:
    """Place orders until the action is over, each as often as it takes, by its own key."""
    placed: list[str] = []
    over = asyncio.Event()

    async def order(number: int) -> None:
        while True:
            try:
                answer = await buyer.buy((book, 1), key=f"{book}-{number}", prefer="respond-async")
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code < 500:
                assert answer.status_code in {201, 202}, answer.text
                placed.append(answer.headers["location"])
                return
            await asyncio.sleep(0.2)

    async def orders() -> None:
        number = 0
        while not over.is_set():
            number += 1
            await order(number)
            await asyncio.sleep(0.2)

    ordering = asyncio.create_task(orders())
    await action()
    over.set()
    await ordering
    return placed


def test_the_commands_of_the_store_work(store: Cluster, tmp_path: Path) -> None:
    feed = Path("apps/bookstore/tests/feed.csv")
    loaded = store.run("import", "goodbooks", str(feed), "--report", str(tmp_path / "report.csv"))
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    bought = store.run("demo")
    assert bought.returncode == 0, bought.stdout + bought.stderr
    assert "confirm_order" in bought.stdout


@pytest.mark.parametrize(("service", "role"), [("order", "command"), ("catalog", "query")])
def test_what_the_notes_say_can_be_done_as_printed(
    store: Cluster, service: str, role: str
) -> None:
    notes = store.helm("get", "notes", f"{service}-{role}")
    commands = re.findall(r"^  ((?:kubectl|helm) .+)$", notes, flags=re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        if " upgrade " in command:
            command = f"{command} -f {store.values} --timeout 300s"  # noqa: PLW2901 — the values of this place
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            env=dict(os.environ) | {"PATH": f"{TOOLS}:{os.environ['PATH']}"},
            cwd=store.charts,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    store.install(service, role)


async def test_an_update_fails_no_request(store: Cluster, buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(900)
    wrong: Counter[str] = Counter()

    async def update() -> None:
        for service in ("order", "catalog", "payment"):
            for role in ("command", "query"):
                more = "--set=telemetry.logLevel=WARNING"
                await asyncio.to_thread(store.install, service, role, more)

    async with readers(buyer, wrong) as seen:
        placed = await while_ordering(buyer, book, update)

    assert not wrong, wrong
    assert seen["200"] > 100
    assert placed
    for location in placed:
        assert (await until_over(buyer, location))["status"] == "confirmed"


async def test_killed_pods_lose_and_double_nothing(
    store: Cluster, buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(900)
    wrong: Counter[str] = Counter()
    pods = store.pods()

    async def kill_each() -> None:
        for pod in pods:
            how = ("--grace-period=0", "--force")
            await asyncio.to_thread(kubectl, "-n", NAMESPACE, "delete", "pod", pod, *how)
            await asyncio.sleep(1)
            await asyncio.to_thread(_await_available)

    async with readers(buyer, wrong):
        placed = await while_ordering(buyer, book, kill_each)

    for location in placed:
        assert (await until_over(buyer, location))["status"] == "confirmed"
    assert await staff.figures(book) == (900, len(placed))  # each order's copy is put by, once
    assert sum(wrong.values()) <= len(pods), wrong  # a read fails once at most


def test_a_failed_upgrade_is_taken_back(store: Cluster) -> None:
    before = _image("order-query")
    with pytest.raises(AssertionError, match=r"order-query"):
        store.install(
            "order", "query", "--set=image.tag=never-built", "--rollback-on-failure",
            "--timeout=20s",
        )  # fmt: skip
    assert _image("order-query") == before
    _await_available()


def test_the_books_agree(store: Cluster) -> None:
    verified = store.run("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "invariants hold" in verified.stdout


def _image(deployment: str) -> str:
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    return kubectl("-n", NAMESPACE, "get", "deployment", deployment, "-o", path).stdout


def _await_available() -> None:
    done = kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Available", "deployment", "--all",
        "--timeout=100s",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
