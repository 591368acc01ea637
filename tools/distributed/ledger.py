"""Which processes are ours: written down when they start, so that exactly those are ended.

A process id alone can be another's by now; with the moment at which it began it cannot.
"""

import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_MOMENT: Final = 0.1
_BEGAN: Final = 19  # the field of /proc/PID/stat, counted after the name


@dataclass(frozen=True, slots=True)
class Entry:
    """A process: `began` is in ticks since the machine started."""

    name: str
    pid: int
    began: int
    signal: int = signal.SIGTERM

    @property
    def is_alive(self) -> bool:
        return _began(self.pid) == self.began


@dataclass(frozen=True, slots=True)
class Ledger:
    """The processes in the order in which they were started, in a file."""

    file: Path

    def note(self, name: str, pid: int, *, end_by: int = signal.SIGTERM) -> None:
        """Write down a process that has just been started."""
        began = _began(pid)
        if began is not None:
            self._write([*self.entries(), Entry(name, pid, began, end_by)])

    def entries(self) -> list[Entry]:
        """Return all of them, whether they are still there or not."""
        if not self.file.exists():
            return []
        return [Entry(**entry) for entry in json.loads(self.file.read_text())]

    def end(self, entries: Sequence[Entry], within: float) -> list[Entry]:
        """Ask these to end, kill what has not after so many seconds, and forget them.

        Return those that had to be killed.
        """
        for entry in entries:
            if entry.is_alive:
                os.kill(entry.pid, entry.signal)
        until = time.monotonic() + within
        while any(entry.is_alive for entry in entries) and time.monotonic() < until:
            time.sleep(_MOMENT)
        killed = [entry for entry in entries if entry.is_alive]
        for entry in killed:
            os.kill(entry.pid, signal.SIGKILL)
        self._write([entry for entry in self.entries() if entry not in entries])
        return killed

    def _write(self, entries: Sequence[Entry]) -> None:
        if not entries:
            self.file.unlink(missing_ok=True)
            return
        made = self.file.with_suffix(".new")
        made.write_text(json.dumps([asdict(entry) for entry in entries], indent=1))
        made.replace(self.file)


def _began(pid: int) -> int | None:
    """Return when a process began, or None if there is none but its remains."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state == "Z" else int(fields[_BEGAN - 1])
