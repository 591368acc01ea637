"""What can be wrong with a saga's table, found when it is defined."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from bookstore.saga.reference import Reference, is_name, is_task

if TYPE_CHECKING:
    from bookstore.saga.spec import Saga, Step

NOTHING: Final = "nothing"
"""The `undo` of a step before the pivot which leaves nothing to undo."""

BUILT_IN: Final = frozenset({"failed_step", "code", "reason", "fields"})
"""What every undo is told besides its own inputs."""


def problems(saga: "Saga") -> Iterator[str]:
    """Say everything that is wrong, one sentence each."""
    if not is_name(saga.name):
        yield f"{saga.name!r} is no name"
    if saga.version < 1:
        yield "versions count from 1"
    if saga.patience <= 0:
        yield "patience is a number of seconds above 0"
    pivots = [index for index, step in enumerate(saga.steps) if step.pivot]
    if len(pivots) != 1:
        yield f"it has {len(pivots)} pivots, not one"
    earlier: set[str] = set()
    for index, step in enumerate(saga.steps):
        if step.name in earlier:
            yield f"there are two steps {step.name}"
        for problem in _in_step(step, earlier, after_pivot=bool(pivots) and index > pivots[0]):
            yield f"step {step.name}: {problem}"
        earlier.add(step.name)


def _in_step(step: "Step", earlier: set[str], *, after_pivot: bool) -> Iterator[str]:
    if not is_name(step.name):
        yield f"{step.name!r} is no name"
    if not is_task(step.do):
        yield f"{step.do!r} is no task, as participant.verb is"
    if step.timeout <= 0 or step.undo_timeout <= 0:
        yield "a timeout is a number of seconds above 0"
    if after_pivot and (step.undo is not None or step.undo_input):
        yield "after the pivot nothing is undone"
    if not after_pivot and step.undo is None:
        yield "up to the pivot it says how it is undone, be it by NOTHING"
    if step.undo == NOTHING and step.undo_input:
        yield "NOTHING takes no input"
    if step.undo not in (None, NOTHING) and not is_task(step.undo or ""):
        yield f"{step.undo!r} is no task, as participant.verb is"
    yield from _in_inputs(step.input, earlier)
    yield from _in_inputs(step.undo_input, earlier)


def _in_inputs(inputs: Mapping[str, str], earlier: set[str]) -> Iterator[str]:
    for target, text in inputs.items():
        if not is_name(target):
            yield f"{target!r} is no name"
        if target in BUILT_IN:
            yield f"{target} is told to every undo, and cannot be an input"
        reference = Reference.parse(text)
        if reference is None:
            yield f"{text!r} is neither input.x nor steps.s.y"
        elif reference.step is not None and reference.step not in earlier:
            yield f"{text} does not refer to an earlier step"
