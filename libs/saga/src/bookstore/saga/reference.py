"""The tiny language in which a step says where its inputs come from.

`input.x` is a field of the saga's input, `steps.s.y` a field of the output of step `s`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAME = "[a-z][a-z0-9_]{0,63}"
_REFERENCE = re.compile(rf"input\.({_NAME})|steps\.({_NAME})\.({_NAME})")


class UnresolvedError(Exception):
    """A reference names a field which is not there."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value comes from: a step's output, or the saga's input if `step` is None."""

    step: str | None
    field: str

    @classmethod
    def parse(cls, text: str) -> "Reference | None":
        """Read a reference; None if it is not one."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return None
        of_input, step, of_step = match.groups()
        return cls(step, of_input or of_step)

    def resolve(
        self, given: Mapping[str, Any], outputs: Mapping[str, Mapping[str, Any]]
    ) -> object:
        """Return the value; raises UnresolvedError if nobody gave it."""
        source = given if self.step is None else outputs.get(self.step, {})
        try:
            value: object = source[self.field]
        except KeyError:
            raise UnresolvedError(f"{self} is not there") from None
        return value

    def __str__(self) -> str:
        return f"input.{self.field}" if self.step is None else f"steps.{self.step}.{self.field}"


def is_name(text: str) -> bool:
    """Whether the text can name a saga, a step or a field."""
    return re.fullmatch(_NAME, text) is not None


def is_task(text: str) -> bool:
    """Whether the text can name a task: `participant.verb`."""
    return re.fullmatch(rf"{_NAME}\.{_NAME}", text) is not None
