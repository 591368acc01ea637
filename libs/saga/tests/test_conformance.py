"""Every way a saga can go, on every engine."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bookstore.saga.ports import State, Status
from bookstore.saga.registry import Sagas
from bookstore.saga.task import UNKNOWN, Kind, Reject
from libs.saga.tests.conformance.driver import Driver
from libs.saga.tests.conformance.embedded import Embedded, embedded
from libs.saga.tests.conformance.sagas import AFTER, BEFORE, CHECKOUT, CHECKOUT_2, RETURN
from libs.saga.tests.conformance.shop import Fault

STEPS = (*BEFORE, *AFTER)


@pytest.fixture
async def engine() -> AsyncIterator[Embedded]:
    async with embedded() as driver:
        yield driver


async def completed(engine: Driver, saga_id: str = "s1") -> bool:
    """Whether each step took effect exactly once, in order, and nothing was undone."""
    effects = await engine.shop.order_of_effects(saga_id)
    return effects == [(step, "do") for step in STEPS]


async def compensated(engine: Driver, *done: str, saga_id: str = "s1") -> bool:
    """Whether these steps, and no others, were done once and undone once, in reverse."""
    there: list[tuple[str, Kind]] = [(step, "do") for step in done]
    back: list[tuple[str, Kind]] = [(step, "undo") for step in reversed(done)]
    return await engine.shop.order_of_effects(saga_id) == there + back


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something of which nobody is told."""
    while not holds():  # noqa: ASYNC110 — see above
        await asyncio.sleep(0.001)


async def test_without_a_fault_every_step_is_done_once(engine: Embedded) -> None:
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)
    view = await engine.view("s1")
    assert [(line.step, line.kind, line.status) for line in view.timeline] == [
        (step, "do", Status.DONE) for step in STEPS
    ]


async def test_what_a_step_returns_reaches_the_steps_that_refer_to_it(engine: Embedded) -> None:
    await engine.start("s1")
    await engine.end("s1")

    (capture,) = [task for task in engine.shop.tasks_seen if task.step == "capture"]
    assert capture.input == {"order_id": "s1", "receipt": "r-pay"}


@pytest.mark.parametrize("step", BEFORE)
async def test_a_rejection_up_to_the_pivot_undoes_what_was_done(
    engine: Embedded, step: str
) -> None:
    engine.shop.script[step, "do"] = [Fault.REJECT]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, *BEFORE[: BEFORE.index(step)])


async def test_every_undo_is_told_what_failed_and_why(engine: Embedded) -> None:
    engine.shop.script["reserve", "do"] = [Fault.REJECT]
    await engine.start("s1")
    await engine.end("s1")

    undos = [task for task in engine.shop.tasks_seen if task.kind == "undo"]
    assert [task.step for task in undos] == ["reserve", "mark", "pay", "place"]
    for task in undos:
        assert task.input["failed_step"] == "reserve"
        assert task.input["code"] == "no"
        assert task.input["reason"] == "reserve is not to be had"
        assert list(task.input["fields"]) == [{"available": 3}]


@pytest.mark.parametrize("step", AFTER)
async def test_a_rejection_after_the_pivot_is_stuck_until_it_is_retried(
    engine: Embedded, step: str
) -> None:
    engine.shop.script[step, "do"] = [Fault.REJECT]
    await engine.start("s1")

    assert await engine.end("s1") == State.STUCK
    assert not [task for task in engine.shop.tasks_seen if task.kind == "undo"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_AFTER, Fault.TWICE])
async def test_a_passing_trouble_changes_nothing(
    engine: Embedded, step: str, fault: Fault
) -> None:
    engine.shop.script[step, "do"] = [fault, fault]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.LOSE, Fault.LOSE_ANSWER])
async def test_a_participant_that_dies_is_asked_again(
    engine: Embedded, step: str, fault: Fault
) -> None:
    engine.shop.script[step, "do"] = [fault]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


@pytest.mark.parametrize("step", BEFORE)
async def test_what_happened_though_nobody_heard_of_it_is_undone(
    engine: Embedded, step: str
) -> None:
    engine.shop.script[step, "do"] = [Fault.LOSE_ANSWER, Fault.FAIL_AFTER, Fault.FAIL_AFTER]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, *BEFORE[: BEFORE.index(step) + 1])
    undo = next(task for task in engine.shop.tasks_seen if task.kind == "undo")
    assert (undo.step, undo.input["code"]) == (step, UNKNOWN)


@pytest.mark.parametrize("step", BEFORE)
async def test_a_late_do_meets_the_tombstone_of_its_undo(engine: Embedded, step: str) -> None:
    engine.shop.script[step, "do"] = [Fault.LATE, Fault.FAIL, Fault.FAIL]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    (late,) = engine.shop.stray
    with pytest.raises(Reject, match="undone before it came"):
        await late
    assert await compensated(engine, *BEFORE[: BEFORE.index(step)])


@pytest.mark.parametrize("step", BEFORE)
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_AFTER, Fault.TWICE])
async def test_an_undo_is_tried_until_it_succeeds(
    engine: Embedded, step: str, fault: Fault
) -> None:
    engine.shop.script["reserve", "do"] = [Fault.FAIL_AFTER] * 3
    engine.shop.script[step, "undo"] = [fault, fault]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, *BEFORE)


@pytest.mark.parametrize("step", BEFORE)
async def test_an_undo_that_never_succeeds_is_stuck_and_goes_on_when_it_is_retried(
    engine: Embedded, step: str
) -> None:
    engine.shop.script["reserve", "do"] = [Fault.FAIL_AFTER] * 3
    engine.shop.script[step, "undo"] = [Fault.FAIL] * 5
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.retry("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, *BEFORE)


@pytest.mark.parametrize("step", AFTER)
async def test_trouble_after_the_pivot_is_stuck_and_goes_on_when_it_is_retried(
    engine: Embedded, step: str
) -> None:
    engine.shop.script[step, "do"] = [Fault.FAIL, Fault.FAIL_AFTER, Fault.FAIL]
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.retry("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


@pytest.mark.parametrize("step", AFTER)
async def test_a_rejection_after_the_pivot_is_asked_afresh_when_it_is_retried(
    engine: Embedded, step: str
) -> None:
    engine.shop.script[step, "do"] = [Fault.REJECT, Fault.REJECT]
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK
    await engine.retry("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.retry("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


@pytest.mark.parametrize("step", AFTER)
async def test_a_step_that_people_settled_counts_as_done(engine: Embedded, step: str) -> None:
    engine.shop.script[step, "do"] = [Fault.REJECT]
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.settle("s1")

    assert await engine.end("s1") == State.COMPLETED
    effects = await engine.shop.order_of_effects("s1")
    assert effects == [(other, "do") for other in STEPS if other != step]
    lines = [(line.step, line.status) for line in (await engine.view("s1")).timeline]
    assert (step, Status.SETTLED) in lines
    assert (step, Status.DONE) not in lines


async def test_an_undo_that_people_settled_counts_as_done(engine: Embedded) -> None:
    engine.shop.script["reserve", "do"] = [Fault.REJECT]
    engine.shop.script["pay", "undo"] = [Fault.FAIL] * 3
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.settle("s1")

    assert await engine.end("s1") == State.COMPENSATED
    effects = await engine.shop.effects("s1")
    assert effects["pay", "undo"] == 0
    assert effects["place", "undo"] == 1


async def test_an_abandoned_saga_ends_and_another_puts_right_what_it_did(
    engine: Embedded,
) -> None:
    engine.shop.script["capture", "do"] = [Fault.REJECT]
    await engine.start("s1")
    assert await engine.end("s1") == State.STUCK

    await engine.abandon("s1", "s2")

    assert await engine.end("s1") == State.COMPENSATED
    assert await engine.end("s2") == State.COMPLETED
    assert await engine.shop.order_of_effects("s1") == [(step, "do") for step in BEFORE]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [Fault.KILL, Fault.KILL_AFTER])
async def test_an_engine_killed_at_a_step_is_continued_by_the_next(
    engine: Embedded, step: str, fault: Fault
) -> None:
    engine.shop.script[step, "do"] = [fault]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


@pytest.mark.parametrize("step", BEFORE)
@pytest.mark.parametrize("fault", [Fault.KILL, Fault.KILL_AFTER])
async def test_an_engine_killed_at_an_undo_is_continued_by_the_next(
    engine: Embedded, step: str, fault: Fault
) -> None:
    engine.shop.script["reserve", "do"] = [Fault.FAIL_AFTER] * 3
    engine.shop.script[step, "undo"] = [fault]
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, *BEFORE)


@pytest.mark.parametrize("kept", ["lost", "kept"])
@pytest.mark.parametrize(
    ("way", "write"), [("on", n) for n in range(1, 8)] + [("back", n) for n in range(1, 10)]
)
async def test_an_engine_killed_at_any_of_its_writes_is_continued_by_the_next(
    engine: Embedded, way: str, write: int, kept: str
) -> None:
    await engine.stop()
    engine.database.written, engine.database.deadly = 0, write
    engine.database.kept = kept == "kept"
    engine.shop.script["reserve", "do"] = [Fault.REJECT] if way == "back" else []
    await engine.start("s1")

    if way == "on":
        assert await engine.end("s1") == State.COMPLETED
        assert await completed(engine)
    else:
        assert await engine.end("s1") == State.COMPENSATED
        assert await compensated(engine, *BEFORE[:3])
    assert engine.database.written > write


async def test_a_saga_started_twice_runs_once(engine: Embedded) -> None:
    await asyncio.gather(*(engine.start("s1") for _ in range(5)))

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)
    assert len(engine.shop.tasks_seen) == len(STEPS)


async def test_an_open_saga_keeps_its_version_while_a_newer_one_is_deployed(
    engine: Embedded,
) -> None:
    engine.shop.script["mark", "do"] = [Fault.KILL]
    await engine.start("old")
    await until(lambda: len(engine.shop.tasks_seen) == 3)
    await engine.restart(Sagas(CHECKOUT, CHECKOUT_2, RETURN))
    await engine.start("new")

    assert await engine.end("old") == await engine.end("new") == State.COMPLETED
    assert await completed(engine, "old")
    assert (await engine.shop.effects("new"))["wrap", "do"] == 1
    assert [(await engine.view(saga)).version for saga in ("old", "new")] == [1, 2]


async def test_a_cancellation_before_the_pivot_compensates(engine: Embedded) -> None:
    await engine.shop.cancel("s1")
    await engine.start("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine)


async def test_a_cancellation_while_it_is_being_paid_is_met_at_the_mark(engine: Embedded) -> None:
    engine.shop.script["pay", "do"] = [Fault.LOSE_ANSWER]
    await engine.start("s1")
    await until(lambda: "pay" in engine.shop.happened)

    assert await engine.shop.cancel("s1")

    assert await engine.end("s1") == State.COMPENSATED
    assert await compensated(engine, "place", "pay")


async def test_a_cancellation_after_the_pivot_is_too_late(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.LOSE]
    await engine.start("s1")
    await until(lambda: "reserve" in engine.shop.happened)

    assert not await engine.shop.cancel("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await completed(engine)


async def test_a_saga_refused_at_its_first_pivot_leaves_nothing(engine: Embedded) -> None:
    engine.shop.script["begin", "do"] = [Fault.REJECT]
    await engine.start("s1", "take_back")

    assert await engine.end("s1") == State.COMPENSATED
    assert not await engine.shop.effects("s1")


async def test_a_pivot_that_cannot_be_undone_is_never_taken_for_not_done(
    engine: Embedded,
) -> None:
    engine.shop.script["begin", "do"] = [Fault.FAIL_AFTER] * 3
    await engine.start("s1", "take_back")
    assert await engine.end("s1") == State.STUCK

    await engine.retry("s1")

    assert await engine.end("s1") == State.COMPLETED
    assert await engine.shop.order_of_effects("s1") == [("begin", "do"), ("refund", "do")]
