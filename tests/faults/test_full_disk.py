"""With the disk full nothing is lost and reads go on; with room again, it goes on by itself."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

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


async def test_a_full_disk_refuses_what_it_cannot_keep_and_recovers(small_disk: Path) -> None:
    store = Store(small_disk / "data")
    await asyncio.to_thread(store.start)
    try:
        await _buy_through_a_full_disk(store, small_disk)
        verified = await asyncio.to_thread(store.verify)
        assert verified.returncode == 0, verified.stdout
        assert await asyncio.to_thread(store.stop) == 0
    finally:
        store.kill()


async def _buy_through_a_full_disk(store: Store, disk: Path) -> None:
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
        while_full = [await buyer.buy((book, 1), key=f"late-{n}") for n in range(5)]
        read = await buyer.http.get("/api/v1/books", params={"limit": 5})
        await asyncio.to_thread(store.stop)
        await asyncio.to_thread(store.start)
        after_restart = await buyer.buy((book, 1), key="late-0")
        read_again = await buyer.http.get(under_way[0].headers["location"])

        assert {refusal(answer) for answer in while_full} == {(503, "storage-full")}
        assert refusal(after_restart) == (503, "storage-full")
        assert (read.status_code, read_again.status_code) == (200, 200)

        ballast.unlink()
        async with asyncio.timeout(10):
            late = [await until_bought(buyer, book, f"late-{n}") for n in range(5)]
            early = [await until_bought(buyer, book, f"early-{n}", "tok_slow") for n in range(5)]
        assert len({answer.json()["id"] for answer in (*late, *early)}) == 10
        assert await staff.figures(book) == (100, 10)


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
