"""With the disk full nothing is lost and reads go on; with room again, it goes on by itself."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.harness.people import Buyer, Staff
from tests.harness.store import Store

SIZE = "12m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes; only root can have one made."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["/bin/mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: that takes root")
    try:
        yield disk
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free; return the file to delete."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 9, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


@pytest.mark.parametrize("meanwhile", ["running on", "restarted"])
async def test_a_full_disk_refuses_what_it_cannot_keep_and_recovers(
    small_disk: Path, meanwhile: str
) -> None:
    store = Store(small_disk / "data")
    await asyncio.to_thread(store.start)
    try:
        await _buy_through_a_full_disk(store, small_disk, meanwhile)
        verified = await asyncio.to_thread(store.verify)
        assert verified.returncode == 0, verified.stdout
        assert await asyncio.to_thread(store.stop) == 0
    finally:
        store.kill()


async def _buy_through_a_full_disk(store: Store, disk: Path, meanwhile: str) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(100)
        under_way = await asyncio.gather(
            *(
                buyer.buy((book, 1), token="tok_slow", key=f"early-{n}", prefer="respond-async")
                for n in range(5)
            )
        )
        assert {answer.status_code for answer in under_way} == {202}, under_way[0].text
        ballast = await asyncio.to_thread(fill, disk)
        refused = [await buyer.buy((book, 1), key=f"late-{n}") for n in range(5)]
        created = {}
        for what in ("authors", "warehouses"):
            created[what], no = await _fill_up(staff, what)
            refused.append(no)
        if meanwhile == "restarted":
            await asyncio.to_thread(store.stop)
            await asyncio.to_thread(store.start)
            refused.append(await buyer.buy((book, 1), key="late-0"))
        read = [
            await buyer.http.get("/api/v1/books", params={"limit": 5}),
            *[await buyer.http.get(answer.headers["location"]) for answer in under_way],
        ]

        assert {refusal(answer) for answer in refused} == {(503, "storage-full")}
        assert {answer.status_code for answer in read} == {200}
        assert {what: await _count(staff, what) for what in created} == created

        ballast.unlink()
        async with asyncio.timeout(10):
            late = [await until_bought(buyer, book, f"late-{n}") for n in range(5)]
            early = [await until_bought(buyer, book, f"early-{n}", "tok_slow") for n in range(5)]
        assert [answer.json()["id"] for answer in early] == [o.json()["id"] for o in under_way]
        assert len({answer.json()["id"] for answer in (*late, *early)}) == 10
        assert await staff.figures(book) == (100, 10)


async def _fill_up(staff: Staff, what: str) -> tuple[int, httpx.Response]:
    """Create until there is no room even in files that are there; return how many, and the no.

    A log that was written before may be written again without a free byte on the disk.
    """
    for created in range(5000):
        body: dict[str, Any] = {"name": f"Filler {created} " + "x" * 200}
        if what == "warehouses":
            body |= {"address": None, "capacity": None}
        answer = await staff.http.post(f"/api/v1/{what}", json=body)
        if answer.status_code != 201:
            return created, answer
    pytest.fail(f"a full disk has room for any number of {what}")


async def _count(staff: Staff, what: str) -> int:
    answer = await staff.http.get(f"/api/v1/{what}", params={"name": "Filler"})
    total: int = answer.json()["total"]
    return total


async def until_bought(
    buyer: Buyer, book: int, key: str, token: str = "tok_visa"
) -> httpx.Response:
    """Send the same order until it is confirmed, as a client does that was told to retry."""
    while True:
        answer = await buyer.buy((book, 1), token=token, key=key)
        if answer.status_code == 201:
            return answer
        await asyncio.sleep(0.2)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert "retry-after" in answer.headers
    return answer.status_code, answer.json()["code"]
