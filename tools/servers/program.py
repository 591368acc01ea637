"""A program that runs beside us: its output in a file, ended by its own process id."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

_MOMENT: Final = 0.1  # seconds between two looks
_PATIENCE: Final = 30.0
_TOLD: Final = 3_000  # characters of its output in an error


class NotStartedError(Exception):
    """A program ended, or did not get ready in time; the message shows what it said last."""


@dataclass
class Program:
    """One program, as long as it is started once at a time."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Start it, in a session of its own: what ends us does not end it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=dict(os.environ) if environment is None else dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def await_ready(self, is_ready: Callable[[], bool], within: float) -> None:
        """Wait until it is ready; raises NotStartedError. Unless it is, it has been ended."""
        end = time.monotonic() + within
        try:
            while self.is_alive and time.monotonic() < end:
                if is_ready():
                    return
                time.sleep(_MOMENT)
        except BaseException:
            self.kill()
            raise
        why = "did not get ready" if self.is_alive else "ended"
        self.kill()
        raise NotStartedError(f"{self.name} {why}; {self.log} ends so:\n{self.said[-_TOLD:]}")

    def stop(self, within: float = _PATIENCE) -> int | None:
        """Ask it to end, and see that it does; return its exit code."""
        if self.process is None:
            return None
        if self.is_alive:
            self.process.terminate()
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def answers(url: str) -> bool:
    """Say whether a GET of the URL succeeds now."""
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
