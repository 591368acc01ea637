"""Background jobs go on whatever happens to them."""

import asyncio
import logging

import pytest

from bookstore.kit.jobs import keep_running


async def test_a_job_that_fails_is_begun_again_and_one_that_ends_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs: list[int] = []

    async def sweep() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise OSError("the disk is full")

    with caplog.at_level(logging.ERROR, "bookstore.jobs"):
        await keep_running(sweep, pause_s=0.001)

    assert runs == [0, 1, 2]
    assert [record.getMessage().endswith("begins again") for record in caplog.records] == [
        True
    ] * 2


async def test_a_job_that_is_cancelled_stays_so() -> None:
    task = asyncio.create_task(keep_running(asyncio.Event().wait))  # type: ignore[arg-type]  # never ends
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
