"""A saga as lines in colour: what was tried, in which order, and how it went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

Row = tuple[str, str, str, str]
HEADER: Final[Row] = ("step", "attempt", "how it went", "took")
LEFT: Final = {0, 2}  # the columns that begin at the left
BY_STAFF: Final = {"retried", "settled", "abandoned"}

STATES: Final = {
    "requested": "cyan",
    "running": "cyan",
    "completed": "green",
    "compensating": "yellow",
    "compensated": "yellow",
    "stuck": "bold red",
}
STATUSES: Final = {
    "done": "green",
    "running": "cyan",
    "rejected": "yellow",
    "waiting": "cyan",
    "failed": "red",
    "timed-out": "red",
}


def state(name: str) -> Text:
    """Write a saga's state in its colour."""
    return Text(name, STATES.get(name, ""))


def timeline(saga: dict[str, Any]) -> Group:
    """Draw the saga's attempts, one a line; undoing is indented.

    What staff did is followed by who did it and why, on a line of their own and uncut.
    """
    rows = [HEADER, *(_cells(attempt) for attempt in saga["timeline"])]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(HEADER))]
    lines = [
        Text.assemble(f"{saga['name']} {saga['saga_id']}: ", state(saga["state"])),
        _line(HEADER, widths, ("bold",) * len(HEADER)),
    ]
    for attempt, cells in zip(saga["timeline"], rows[1:], strict=True):
        status = STATUSES.get(attempt["status"], "magenta")
        step = "dim" if attempt["kind"] == "undo" else ""
        lines.append(_line(cells, widths, (step, "", status, "")))
        if attempt["status"] in BY_STAFF:
            who, _, why = (attempt["error"] or "").partition(":")
            told = f"by {who}: {why.strip()}" if why.strip() else f"by {who}"
            lines.append(Text(f"    {told}", "dim"))
    return Group(*lines)


def _line(cells: Row, widths: Sequence[int], styles: Sequence[str]) -> Text:
    step, attempt, how, took = (
        Text(cell + " " * (width - cell_len(cell)), style) if place in LEFT
        else Text(" " * (width - cell_len(cell)) + cell, style)
        for place, (cell, width, style) in enumerate(zip(cells, widths, styles, strict=True))
    )  # fmt: skip
    return Text("  ").join((step, attempt, how, took))


def _cells(attempt: dict[str, Any]) -> Row:
    how = attempt["status"]
    if attempt["error"] and how not in BY_STAFF:
        how += f" ({attempt['error']})"
    step = f"  ↩ {attempt['step']}" if attempt["kind"] == "undo" else attempt["step"]
    return step, str(attempt["attempt"]), how, _took(attempt)


def _took(attempt: dict[str, Any]) -> str:
    if attempt["ended_at"] is None:
        return "…"
    begun, ended = (datetime.fromisoformat(attempt[key]) for key in ("started_at", "ended_at"))
    return f"{(ended - begun).total_seconds() * 1000:,.1f} ms"
