"""A saga as a table in colour: what was tried, in which order, and how it went."""

from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

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


def timeline(saga: dict[str, Any]) -> Table:
    """Draw the saga's attempts, one a row; undoing is indented."""
    title = Text.assemble(f"{saga['name']} {saga['saga_id']}: ", state(saga["state"]))
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
    table.add_column("step")
    table.add_column("attempt", justify="right")
    table.add_column("how it went")
    table.add_column("took", justify="right")
    for attempt in saga["timeline"]:
        undo = attempt["kind"] == "undo"
        how = Text(attempt["status"], STATUSES.get(attempt["status"], "magenta"))
        if attempt["error"]:
            how.append(f" ({attempt['error']})", "dim")
        table.add_row(
            Text(f"  ↩ {attempt['step']}" if undo else attempt["step"], "dim" if undo else ""),
            str(attempt["attempt"]),
            how,
            _took(attempt),
        )
    return table


def _took(attempt: dict[str, Any]) -> str:
    if attempt["ended_at"] is None:
        return "…"
    begun, ended = (datetime.fromisoformat(attempt[key]) for key in ("started_at", "ended_at"))
    return f"{(ended - begun).total_seconds() * 1000:,.1f} ms"
