"""The Prefer header (RFC 7240): how long a client wants to wait."""

import re
from dataclasses import dataclass
from typing import Final

LONGEST_WAIT: Final = 60.0  # seconds

_SECONDS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Preference:
    """Seconds to wait, None where none are named; and whether to go on without the client.

    Both together mean: wait so long, then go on without it.
    """

    wait: float | None = None
    respond_async: bool = False

    def applied(self, *, over: bool = False) -> str | None:
        """Say what was honoured, for Preference-Applied; None if nothing was.

        What is over by the time of the answer was not answered asynchronously.
        """
        honoured = [] if over or not self.respond_async else ["respond-async"]
        if self.wait is not None:
            honoured.append(f"wait={self.wait:.0f}")
        return ", ".join(honoured) or None


def preference(prefer: str | None) -> Preference:
    """Read a Prefer header; what is unknown or malformed is ignored, as the RFC has it."""
    wait: float | None = None
    respond_async = False
    for part in (prefer or "").split(","):
        name, _, value = part.partition(";")[0].partition("=")
        value = value.strip().strip('"')
        match name.strip().lower():
            case "respond-async":
                respond_async = True
            case "wait" if wait is None and _SECONDS.fullmatch(value):
                wait = min(float(value), LONGEST_WAIT)
    return Preference(wait, respond_async)
