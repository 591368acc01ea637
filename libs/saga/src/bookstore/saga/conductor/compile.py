"""A saga's table as a Conductor workflow (JSON, as `PUT /api/metadata/workflow` takes it).

Up to the pivot each step is optional, and a SWITCH on its status follows: where it failed, the
undos of this step and of all before it, in reverse, and an end that is COMPLETED with the outcome
COMPENSATED. After the pivot a step is neither: what fails for good leaves the workflow FAILED or
TIMED_OUT, which means STUCK and nothing else, and which `retry` resumes. A pivot that cannot be
undone is in between: only its rejection turns round, which its worker returns as an output.

Why a step failed is in its output, as `failure`: the server keeps no more than 500 characters of
a reason.

The server waits for a word of a task's worker no longer than a lease: a worker that is alive holds
a task that takes longer (`holding`), and one that died is noticed all the sooner.

Every field of a task is set, since the server's defaults wait for a minute or an hour. What the
server is known to do otherwise than it says (version 3.32.3):
- a workflow's timeout above 0 makes it look again only after that time: it is 0, the reconciler
  watches ages;
- `optional` is bypassed by total timeouts and by TIME_OUT_WF: the policy is RETRY;
- constants among a workflow's output are written on failed ones too: there are none.
"""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final, TypeAlias

from bookstore.saga.ports import Status
from bookstore.saga.reference import Reference
from bookstore.saga.spec import Retry, Saga, Step
from bookstore.saga.task import Kind

Json: TypeAlias = dict[str, Any]

OWNER: Final = "orders@bookstore.example"  # the server wants an address
_SAGA_ID: Final = "${workflow.input.saga_id}"
_JITTER_MS: Final = 250
_MOST_TRIES: Final = 10_000
_LEASE_S: Final = 10.0


def compiled(saga: Saga) -> Json:
    """Return the workflow."""
    tasks: list[Json] = []
    for index in range(len(saga.steps)):
        tasks.append(_do(saga, index))
        if index <= saga.pivot:
            tasks.append(_turn(saga, index))
    tasks.append(_end("completed", {"outcome": "COMPLETED"}))
    return {
        "name": saga.name,
        "version": saga.version,
        "schemaVersion": 2,
        "ownerEmail": OWNER,
        "restartable": False,
        "timeoutPolicy": "ALERT_ONLY",
        "timeoutSeconds": 0,
        "outputParameters": {},
        "inputParameters": ["saga_id", "traceparent", "data"],
        "workflowStatusListenerEnabled": False,
        "tasks": tasks,
    }


def undo_reference(undone: Step, failed: Step) -> str:
    """Return the name of an undo within the workflow: a step is undone in several branches."""
    return f"undo_{undone.name}_after_{failed.name}"


def is_last_word(saga: Saga, index: int) -> bool:
    """Whether a step is a pivot without an undo: unless it was refused, it may have happened."""
    return index == saga.pivot and not saga.steps[index].can_be_undone


def _do(saga: Saga, index: int) -> Json:
    step = saga.steps[index]
    given = {target: _path(ref) for target, ref in saga.inputs[step.name].items()}
    returns = is_last_word(saga, index)
    optional = index <= saga.pivot and not returns
    task = _simple(
        step.name, step.do, step, "do", given, step.timeout, saga.retry(index), optional=optional
    )
    if returns:
        task["inputParameters"]["returns_rejection"] = True
    return task


def _turn(saga: Saga, index: int) -> Json:
    """Look at how a step went: go on, or undo it and all before it, and end."""
    failed = saga.steps[index]
    looked_at, case = (
        ("output.failure.status", Status.REJECTED.value)
        if is_last_word(saga, index)
        else ("status", "COMPLETED_WITH_ERRORS")
    )
    undos = [_undo(saga, step, failed) for step in saga.steps[index::-1] if step.can_be_undone]
    end = _end(
        f"compensated_at_{failed.name}",
        {
            "outcome": "COMPENSATED",
            "failed_step": failed.name,
            "reason": f"${{{failed.name}.output.failure.reason}}",
        },
    )
    return {
        "name": "turn",
        "taskReferenceName": f"turn_at_{failed.name}",
        "type": "SWITCH",
        "evaluatorType": "value-param",
        "expression": "status",
        "inputParameters": {"status": f"${{{failed.name}.{looked_at}}}"},
        "decisionCases": {case: [*undos, end]},
        "defaultCase": [],
    }


def _undo(saga: Saga, step: Step, failed: Step) -> Json:
    """Undo a step; `failure` is what its worker wrote of the failed one, and why."""
    given = {target: _path(ref) for target, ref in saga.undo_inputs[step.name].items()}
    given["failed_step"] = failed.name
    task = _simple(
        undo_reference(step, failed),
        step.undo or "",
        step,
        "undo",
        given,
        step.undo_timeout,
        step.undo_retry,
        optional=False,
    )
    task["inputParameters"]["failure"] = f"${{{failed.name}.output.failure}}"
    return task


def _simple(  # noqa: PLR0913, PLR0917 — a task of Conductor's has that many facts
    reference: str,
    name: str,
    step: Step,
    kind: Kind,
    given: Mapping[str, str],
    timeout: float,
    retry: Retry,
    *,
    optional: bool,
) -> Json:
    return {
        "name": name,
        "taskReferenceName": reference,
        "type": "SIMPLE",
        "optional": optional,
        "inputParameters": {
            "saga_id": _SAGA_ID,
            "workflow_id": "${workflow.workflowId}",
            "traceparent": "${workflow.input.traceparent}",
            "step": step.name,
            "kind": kind,
            "timeout": timeout,
            "input": dict(given),
        },
        "taskDefinition": {
            "name": name,
            "ownerEmail": OWNER,
            "retryCount": _tries(retry) - 1,
            "retryLogic": "EXPONENTIAL_BACKOFF",
            "retryDelaySeconds": ceil(retry.first),
            "maxRetryDelaySeconds": ceil(retry.longest),
            "backoffJitterMs": _JITTER_MS,
            "responseTimeoutSeconds": ceil(min(timeout, _LEASE_S)) + 1,
            "timeoutSeconds": 0,
            "timeoutPolicy": "RETRY",
        },
    }


def _tries(retry: Retry) -> int:
    """Return how often it is tried: the server counts, so an age becomes a number of pauses."""
    return retry.attempts or 1 + sum(1 for _ in _pauses_within(retry))


def _pauses_within(retry: Retry) -> Iterator[float]:
    age, pause = 0.0, float(ceil(retry.first))
    for _ in range(_MOST_TRIES):
        if retry.give_up_after is None or age >= retry.give_up_after:
            return
        yield pause
        age, pause = age + pause, min(2 * pause, float(ceil(retry.longest)))


def _end(reference: str, output: Json) -> Json:
    return {
        "name": "end",
        "taskReferenceName": reference,
        "type": "TERMINATE",
        "inputParameters": {"terminationStatus": "COMPLETED", "workflowOutput": output},
    }


def _path(reference: Reference) -> str:
    if reference.step is None:
        return f"${{workflow.input.data.{reference.field}}}"
    return f"${{{reference.step}.output.{reference.field}}}"
