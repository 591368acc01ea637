"""What follows from how an attempt ends."""

from datetime import UTC, datetime, timedelta

import pytest

from bookstore.saga.decide import Outcome, after, by_staff
from bookstore.saga.ports import State, Status
from bookstore.saga.progress import Event, Progress, timeline
from bookstore.saga.spec import NOTHING, Saga, Step
from bookstore.saga.task import UNKNOWN

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BUY = Saga(
    "buy",
    1,
    (
        Step("look", do="shop.look", undo=NOTHING),
        Step("pay", do="shop.pay", undo="shop.unpay", undo_input={"order": "input.order"}),
        Step("reserve", do="shop.reserve", undo="shop.release", pivot=True),
        Step("capture", do="shop.capture", input={"receipt": "steps.pay.receipt"}),
    ),
)
FAILED = Outcome.no(Status.FAILED, "failed", "no way")
LOST = Outcome.no(Status.TIMED_OUT, "timed-out", "no answer")
REFUSED = Outcome.no(Status.REJECTED, "declined", "no money")
DONE = Outcome(Status.DONE, {"receipt": "r1"})


def begun() -> Progress:
    return Progress(
        saga_id="s1", saga=BUY, input={"order": "o1"}, workflow_id="s1", traceparent=None
    )


def play(progress: Progress, *outcomes: Outcome, at: datetime = NOON) -> Event:
    """Let attempts end like this, one after the other, and return the last event."""
    for outcome in outcomes[:-1]:
        progress.apply(after(progress, outcome, at, at))
    event = after(progress, outcomes[-1], at, at)
    progress.apply(event)
    return event


def test_step_after_step_is_done_until_the_end() -> None:
    progress = begun()

    events = [play(progress, DONE) for _ in range(4)]

    assert [event.state for event in events] == [State.RUNNING] * 3 + [State.COMPLETED]
    assert [event.seq for event in events] == [1, 2, 3, 4]


def test_a_rejection_with_nothing_to_undo_ends_the_saga_at_once() -> None:
    assert play(begun(), REFUSED).state == State.COMPENSATED


def test_the_step_that_failed_is_undone_too_and_told_why() -> None:
    progress = begun()

    assert play(progress, DONE, REFUSED).state == State.COMPENSATING

    assert (progress.task, progress.kind) == ("shop.unpay", "undo")
    assert progress.task_input() == {
        "order": "o1",
        "failed_step": "pay",
        "code": "declined",
        "reason": "no money",
        "fields": (),
    }
    assert play(progress, DONE).state == State.COMPENSATED


@pytest.mark.parametrize("trouble", [FAILED, LOST])
def test_trouble_is_tried_four_times_and_then_its_outcome_is_unknown(trouble: Outcome) -> None:
    progress = begun()
    play(progress, DONE)

    events = [play(progress, trouble) for _ in range(4)]

    assert [event.attempt for event in events] == [1, 2, 3, 4]
    assert [event.state for event in events] == [State.RUNNING] * 3 + [State.COMPENSATING]
    assert [event.due is None for event in events] == [False, False, False, True]
    assert progress.failure is not None
    assert progress.failure.code == UNKNOWN


def test_after_the_pivot_trouble_is_borne_for_a_day() -> None:
    progress = begun()
    play(progress, DONE, DONE, DONE)

    late = NOON + timedelta(hours=24)
    assert play(progress, *[FAILED] * 50).state == State.RUNNING
    assert play(progress, FAILED, at=late).state == State.STUCK


def test_a_rejection_after_the_pivot_is_stuck_at_once() -> None:
    assert play(begun(), DONE, DONE, DONE, REFUSED).state == State.STUCK


def test_an_undo_that_rejects_is_stuck_at_once() -> None:
    assert play(begun(), DONE, REFUSED, REFUSED).state == State.STUCK


def test_a_stuck_saga_that_is_retried_has_its_day_again() -> None:
    progress = begun()
    play(progress, DONE, DONE, DONE, FAILED)
    late = NOON + timedelta(hours=24)
    play(progress, FAILED, at=late)

    retried = by_staff(progress, status=Status.RETRIED, by="ann", reason="mended", at=late)
    progress.apply(retried)

    assert (retried.state, progress.tries) == (State.RUNNING, 0)
    event = play(progress, FAILED, at=late)
    assert (event.state, event.attempt) == (State.RUNNING, 3)


def test_what_is_settled_counts_as_done_in_either_direction() -> None:
    forward, back = begun(), begun()
    play(forward, DONE, DONE, DONE, REFUSED)
    play(back, DONE, DONE, REFUSED, REFUSED)

    for progress, state in ((forward, State.COMPLETED), (back, State.COMPENSATING)):
        event = by_staff(progress, status=Status.SETTLED, by="ann", reason="by hand", at=NOON)
        progress.apply(event)
        assert progress.state == state
    assert back.task == "shop.unpay"


def test_an_abandoned_saga_has_ended() -> None:
    progress = begun()
    play(progress, DONE, DONE, DONE, REFUSED)

    progress.apply(
        by_staff(progress, status=Status.ABANDONED, by="ann", reason="expired", at=NOON)
    )

    assert progress.state == State.COMPENSATED


def test_the_timeline_ends_with_what_is_going_on() -> None:
    progress = begun()
    events = [play(progress, DONE), play(progress, FAILED)]
    due = events[-1].due
    assert due is not None

    done, failed, now = timeline(progress, events, NOON)

    assert (done.status, done.error) == (Status.DONE, None)
    assert (failed.status, failed.error) == (Status.FAILED, "failed")
    assert (now.step, now.attempt, now.status) == ("pay", 2, Status.WAITING)
    assert (now.started_at, now.ended_at) == (due, None)
    assert timeline(progress, events, due)[-1].status == Status.RUNNING


def test_the_timeline_names_the_staff_and_their_reason() -> None:
    progress = begun()
    events = [play(progress, REFUSED)]
    events.append(by_staff(progress, status=Status.SETTLED, by="ann", reason="by hand", at=NOON))

    assert timeline(None, events, NOON)[-1].error == "ann: by hand"
