"""A saga that cannot be meant is refused when it is defined."""

from datetime import timedelta
from typing import Any

import pytest

from bookstore.saga.reference import Reference, UnresolvedError
from bookstore.saga.registry import Sagas, UnknownSagaError
from bookstore.saga.spec import BRIEF, NOTHING, PERSISTENT, Retry, Saga, SpecError, Step


def step(name: str = "pay", **changes: Any) -> Step:
    return Step(**{"name": name, "do": "shop.pay", "undo": "shop.unpay", **changes})


def last(name: str = "reserve", **changes: Any) -> Step:
    return step(name, **{"pivot": True, **changes})


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ((step(),), "it has 0 pivots"),
        ((step(pivot=True), last()), "it has 2 pivots"),
        ((step(), step(), last()), "there are two steps pay"),
        ((step("Pay"), last()), "'Pay' is no name"),
        ((step(do="pay"), last()), "'pay' is no task"),
        ((step(undo="unpay"), last()), "'unpay' is no task"),
        ((step(undo=None), last()), "it says how it is undone"),
        ((step(undo=NOTHING, undo_input={"a": "input.a"}), last()), "NOTHING takes no input"),
        ((last(), step()), "after the pivot nothing is undone"),
        ((last(), step(undo=None, undo_input={"a": "input.a"})), "after the pivot nothing"),
        ((step(input={"a": "input"}), last()), "'input' is neither"),
        ((step(input={"a": "input.a.b"}), last()), "is neither input.x nor steps.s.y"),
        ((step(input={"a": "steps.reserve.b"}), last()), "does not refer to an earlier step"),
        ((step(input={"a": "steps.pay.b"}), last()), "does not refer to an earlier step"),
        ((step(undo_input={"a": "steps.pay.b"}), last()), "does not refer to an earlier step"),
        ((step(input={"A": "input.a"}), last()), "'A' is no name"),
        ((step(input={"reason": "input.a"}), last()), "reason is told to every undo"),
        ((step(timeout=0), last()), "a timeout is"),
        ((step(undo_timeout=-1.0), last()), "a timeout is"),
    ],
)
def test_a_table_with_a_mistake_is_refused(steps: tuple[Step, ...], problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        Saga("buy", 1, steps)


@pytest.mark.parametrize(
    ("name", "version", "patience", "problem"),
    [("Buy", 1, 1, "'Buy' is no name"), ("buy", 0, 1, "from 1"), ("buy", 1, 0, "patience")],
)
def test_a_saga_needs_a_name_a_version_and_patience(
    name: str, version: int, patience: float, problem: str
) -> None:
    with pytest.raises(SpecError, match=problem):
        Saga(name, version, (last(),), patience)


@pytest.mark.parametrize(
    "mistake",
    [{"attempts": None}, {"attempts": 0}, {"first": 0}, {"first": 3.0, "longest": 2.0}],
)
def test_retries_without_a_bound_or_a_sense_are_refused(mistake: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        Retry(**mistake)


def test_a_step_is_tried_briefly_while_it_can_be_undone_and_else_persistently() -> None:
    saga = Saga("buy", 1, (step(undo=NOTHING), last(), step("capture", undo=None)))
    ship = Saga("ship", 1, (last(undo=NOTHING),))

    assert [saga.retry(index) for index in range(3)] == [BRIEF, BRIEF, PERSISTENT]
    assert ship.retry(0) == PERSISTENT
    assert saga.tasks == {"shop.pay", "shop.unpay"}


def test_brief_is_four_attempts_and_persistent_a_day() -> None:
    assert [BRIEF.allows(n, timedelta(days=9)) for n in (1, 3, 4)] == [True, True, False]
    assert PERSISTENT.allows(9999, timedelta(hours=23, minutes=59))
    assert not PERSISTENT.allows(2, timedelta(hours=24))


def test_pauses_double_up_to_the_longest_less_half_by_chance() -> None:
    for attempts, longest in [(1, 0.1), (2, 0.2), (4, 0.8), (7, 5.0), (9999, 5.0)]:
        pauses = [BRIEF.pause(attempts).total_seconds() for _ in range(200)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest
    assert PERSISTENT.pause(99).total_seconds() <= 60


def test_a_reference_says_what_is_missing() -> None:
    reference = Reference.parse("steps.pay.receipt")
    assert reference is not None
    assert reference.resolve({}, {"pay": {"receipt": 7}}) == 7
    with pytest.raises(UnresolvedError, match=r"steps\.pay\.receipt is not there"):
        reference.resolve({}, {"pay": {}})
    with pytest.raises(UnresolvedError, match=r"input\.a is not there"):
        Reference(None, "a").resolve({}, {})


def test_new_sagas_are_of_the_newest_version_and_old_ones_stay_known() -> None:
    old, new = Saga("buy", 9, (last(),)), Saga("buy", 10, (last(),))
    sagas = Sagas(new, old)

    assert sagas.newest("buy") is new
    assert sagas.get("buy", 9) is old
    assert list(sagas) == [old, new]
    with pytest.raises(UnknownSagaError, match="buy version 8"):
        sagas.get("buy", 8)
    with pytest.raises(UnknownSagaError, match="no saga sell"):
        sagas.newest("sell")
    with pytest.raises(SpecError, match="registered twice"):
        Sagas(old, old)
