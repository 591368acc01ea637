"""What became of each row: counted, told and, if wanted, written to a file."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COUNTS: Final = ("received", "created", "unchanged", "refused", "stocked")
WORDS: Final = {
    "received": "rows read",
    "created": "books loaded",
    "unchanged": "books we had",
    "refused": "rows refused",
    "stocked": "books stocked",
}


@dataclass(slots=True)
class Report:
    """The store's answers to all parts together."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, answer: dict[str, Any]) -> None:
        """Add the answer to one part."""
        for name in COUNTS:
            self.counts[name] += answer[name]
        self.refusals += answer["refusals"]
        self.notes += answer["notes"]

    def show(self, console: Console) -> None:
        """Tell the counts, every refused row with its reason, and each kind of note once."""
        if self.refusals:
            table = Table(title="Refused rows", title_justify="left", box=None)
            table.add_column("line", justify="right")
            table.add_column("book_id", justify="right")
            table.add_column("reason", overflow="fold")
            for row in self.refusals:
                table.add_row(
                    str(row["line"]), escape(row["book_id"] or "—"), escape(row["reason"])
                )
            console.print(table)
        kinds = Counter(note["code"] for note in self.notes)
        for code, count in sorted(kinds.items()):
            example = next(note for note in self.notes if note["code"] == code)
            console.print(
                f"[yellow]note[/] {code}, {count} times, such as line {example['line']}, "
                f"book_id {escape(example['book_id'] or '—')}: {escape(example['reason'])}",
                soft_wrap=True,
            )
        console.print(
            " · ".join(f"[bold]{self.counts[name]:,}[/] {WORDS[name]}" for name in COUNTS),
            soft_wrap=True,
        )

    def write(self, file: Path) -> None:
        """Write every refusal and every note as CSV."""
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("kind", "line", "book_id", "code", "reason"))
            for kind, rows in (("refused", self.refusals), ("note", self.notes)):
                for row in rows:
                    values = (row["line"], row["book_id"] or "", row["code"], row["reason"])
                    writer.writerow((kind, *values))
