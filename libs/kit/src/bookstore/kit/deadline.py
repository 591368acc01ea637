"""By when an answer is wanted: whoever asks is only so patient, and that is passed on.

An HTTP request begins it; a call to a neighbour takes no longer than what is left of it, and
what the neighbour asks of others no longer than what is then left.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends: ContextVar[float] = ContextVar("_ends", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have only so much time for what is asked of others in the block; an earlier end stands."""
    token = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def time_left(most: float) -> float:
    """Return how many seconds an answer may take, `most` at most; none are left at 0 and below."""
    return min(most, _ends.get() - time.monotonic())
