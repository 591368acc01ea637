"""What a saga's table becomes on Conductor: which steps turn round, how, and how patiently."""

from typing import Any

import pytest

from bookstore.saga.conductor.compile import compiled, undo_reference
from bookstore.saga.spec import NOTHING, PERSISTENT, Retry, Saga, Step

THREE = Saga(
    "three",
    2,
    (
        Step("place", do="shop.place", undo="shop.unplace", input={"book": "input.book"}),
        Step("note", do="shop.note", undo=NOTHING),
        Step(
            "pay",
            do="shop.pay",
            undo="shop.unpay",
            input={"sum": "steps.place.sum"},
            undo_input={"hint": "input.hint"},
            pivot=True,
            timeout=15,
            retry=Retry(attempts=1),
        ),
        Step("ship", do="shop.ship"),
    ),
)


@pytest.fixture
def workflow() -> dict[str, Any]:
    return compiled(THREE)


def by_reference(tasks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {task["taskReferenceName"]: task for task in tasks}


def test_only_what_can_turn_round_is_optional_and_followed_by_a_turn(
    workflow: dict[str, Any],
) -> None:
    names = [task["taskReferenceName"] for task in workflow["tasks"]]
    tasks = by_reference(workflow["tasks"])

    assert names == [
        *("place", "turn_at_place", "note", "turn_at_note", "pay", "turn_at_pay"),
        *("ship", "completed"),
    ]
    assert [tasks[name]["optional"] for name in ("place", "note", "pay", "ship")] == [
        *(True, True, True),
        False,
    ]


def test_a_failed_step_is_undone_with_all_before_it_in_reverse(workflow: dict[str, Any]) -> None:
    turn = by_reference(workflow["tasks"])["turn_at_pay"]
    branch = turn["decisionCases"]["COMPLETED_WITH_ERRORS"]

    assert turn["inputParameters"] == {"status": "${pay.status}"}
    assert turn["defaultCase"] == []
    assert [task["name"] for task in branch] == ["shop.unpay", "shop.unplace", "end"]
    assert branch[0]["inputParameters"]["input"] == {
        "sum": "${place.output.sum}",
        "hint": "${workflow.input.data.hint}",
        "failed_step": "pay",
    }
    assert branch[0]["inputParameters"]["failure"] == "${pay.output.failure}"
    assert branch[2]["inputParameters"]["workflowOutput"] == {
        "outcome": "COMPENSATED",
        "failed_step": "pay",
        "reason": "${pay.output.failure.reason}",
    }


def test_no_name_comes_twice_within_a_workflow(workflow: dict[str, Any]) -> None:
    names = [task["taskReferenceName"] for task in workflow["tasks"]]
    for task in workflow["tasks"]:
        for branch in task.get("decisionCases", {}).values():
            names += [inner["taskReferenceName"] for inner in branch]

    assert len(names) == len(set(names))
    assert undo_reference(THREE.steps[0], THREE.steps[2]) in names


def test_every_task_says_how_long_and_how_often(workflow: dict[str, Any]) -> None:
    pay = by_reference(workflow["tasks"])["pay"]["taskDefinition"]
    ship = by_reference(workflow["tasks"])["ship"]["taskDefinition"]

    assert (pay["retryCount"], pay["responseTimeoutSeconds"]) == (0, 11)
    assert (pay["timeoutSeconds"], pay["timeoutPolicy"]) == (0, "RETRY")
    pauses = [min(2**n, ship["maxRetryDelaySeconds"]) for n in range(ship["retryCount"])]
    assert PERSISTENT.give_up_after is not None
    assert 0 <= sum(pauses) - PERSISTENT.give_up_after < ship["maxRetryDelaySeconds"]


def test_nothing_in_it_makes_the_server_wait_or_lie(workflow: dict[str, Any]) -> None:
    assert (workflow["timeoutSeconds"], workflow["outputParameters"]) == (0, {})
    assert workflow["version"] == 2
    assert "totalTimeoutSeconds" not in str(workflow)
    assert "TIME_OUT_WF" not in str(workflow)


def test_a_retry_by_count_is_that_count() -> None:
    saga = Saga(
        "one", 1, (Step("a", do="x.a", undo=NOTHING, pivot=True, retry=Retry(attempts=7)),)
    )

    assert compiled(saga)["tasks"][0]["taskDefinition"]["retryCount"] == 6


def test_a_pivot_that_cannot_be_undone_turns_round_only_if_it_was_refused() -> None:
    saga = Saga("one", 1, (Step("a", do="x.a", undo=NOTHING, pivot=True), Step("b", do="x.b")))
    step, turn, *_ = compiled(saga)["tasks"]

    assert not step["optional"]
    assert step["inputParameters"]["returns_rejection"]
    assert turn["inputParameters"] == {"status": "${a.output.failure.status}"}
    assert list(turn["decisionCases"]) == ["rejected"]
