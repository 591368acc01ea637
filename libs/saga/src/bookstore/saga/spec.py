"""What a saga is: a table of steps, checked when it is defined, for whichever engine runs it.

Up to the pivot a saga can turn round: a step that fails is undone, and all before it, in
reverse. Once the pivot is done it only goes forward.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType

from bookstore.saga.check import BUILT_IN, NOTHING, problems
from bookstore.saga.reference import Reference

__all__ = ["BRIEF", "BUILT_IN", "NOTHING", "PERSISTENT", "Retry", "Saga", "SpecError", "Step"]

_DAY = 24 * 60 * 60.0


class SpecError(ValueError):
    """A saga that cannot be meant, and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often, and for how long, a step is tried; all times are in seconds.

    The pause doubles from `first` to `longest`, less up to a half by chance, so that those who
    failed together do not come back together. `attempts` bounds their number, `give_up_after`
    the time since the first; None is no bound.
    """

    attempts: int | None = 4
    first: float = 0.1
    longest: float = 5.0
    give_up_after: float | None = None

    def __post_init__(self) -> None:
        if self.attempts is None and self.give_up_after is None:
            raise SpecError("a retry ends some day: give attempts, give_up_after or both")
        if self.attempts is not None and self.attempts < 1:
            raise SpecError("there is at least one attempt")
        if not 0 < self.first <= self.longest:
            raise SpecError("0 < first <= longest must hold")

    def allows(self, attempts: int, age: timedelta) -> bool:
        """Whether there is another attempt after so many, so long after the first."""
        if self.attempts is not None and attempts >= self.attempts:
            return False
        return self.give_up_after is None or age.total_seconds() < self.give_up_after

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after so many attempts."""
        doubled = self.first * 2.0 ** min(attempts - 1, 30)
        return timedelta(seconds=min(doubled, self.longest) * random.uniform(0.5, 1.0))  # noqa: S311 — no secret


BRIEF = Retry()
"""For what can be undone instead: four attempts within a second or so."""

PERSISTENT = Retry(attempts=None, longest=60.0, give_up_after=_DAY)
"""For what must succeed: a day long, by age and not by count."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a saga; `do` and `undo` are tasks such as `payment.authorise`.

    Inputs map a task's input to references. `undo` may be NOTHING; after the pivot there is
    none. A `retry` that is not given is BRIEF while the step can be undone, else PERSISTENT.
    """

    name: str
    do: str
    undo: str | None = None
    input: Mapping[str, str] = field(default_factory=dict)
    undo_input: Mapping[str, str] = field(default_factory=dict)
    pivot: bool = False
    timeout: float = 5.0
    retry: Retry | None = None
    undo_timeout: float = 5.0
    undo_retry: Retry = PERSISTENT

    @property
    def can_be_undone(self) -> bool:
        """Whether there is a task that undoes it."""
        return self.undo is not None and self.undo != NOTHING


@dataclass(frozen=True)
class Saga:
    """A named, numbered table of steps; raises SpecError when it is defined wrongly.

    What a (name, version) means never changes while a saga of it is open: change the number.
    `patience` is in how many seconds it is expected to have ended; one open longer is reported.
    """

    name: str
    version: int
    steps: tuple[Step, ...]
    patience: float = 60.0

    def __post_init__(self) -> None:
        if found := list(problems(self)):
            raise SpecError(f"saga {self.name} {self.version}: " + "; ".join(found))

    @cached_property
    def pivot(self) -> int:
        """The index of the pivot."""
        return next(index for index, step in enumerate(self.steps) if step.pivot)

    @cached_property
    def tasks(self) -> frozenset[str]:
        """The tasks that participants must offer."""
        undos = {step.undo for step in self.steps if step.undo and step.can_be_undone}
        return frozenset({step.do for step in self.steps} | undos)

    @cached_property
    def inputs(self) -> Mapping[str, Mapping[str, Reference]]:
        """The parsed inputs of each step's do."""
        return _parsed({step.name: step.input for step in self.steps})

    @cached_property
    def undo_inputs(self) -> Mapping[str, Mapping[str, Reference]]:
        """The parsed inputs of each step's undo: the do's and its own."""
        return _parsed({s.name: {**s.input, **s.undo_input} for s in self.steps})

    def retry(self, index: int) -> Retry:
        """Return how a step's do is retried."""
        step = self.steps[index]
        return step.retry or (BRIEF if step.can_be_undone or index < self.pivot else PERSISTENT)


def _parsed(inputs: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, Reference]]:
    return MappingProxyType(
        {
            name: {target: ref for target, text in given.items() if (ref := Reference.parse(text))}
            for name, given in inputs.items()
        }
    )
