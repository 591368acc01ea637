"""A store in a process of its own: started, killed, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tools.servers.ports import free_port

STAFF_EMAIL = "staff@example.com"
STAFF_PASSWORD = "the staff's own password"
_READY_WITHIN = 60


@dataclass
class Store:
    """`bookstore up` on a data folder."""

    data: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                bookstore("up", "--port", str(self.port), "--data", str(self.data)),
                env=self.environment_of_staff(),
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _READY_WITHIN
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"it did not get ready:\n{self.log}")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def environment_of_staff(self) -> dict[str, str]:
        """Return the environment in which a command signs in as staff."""
        staff = {"BOOKSTORE_STAFF_EMAIL": STAFF_EMAIL, "BOOKSTORE_STAFF_PASSWORD": STAFF_PASSWORD}
        return dict(os.environ) | staff | self.environment

    @property
    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=25)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def verify(self) -> subprocess.CompletedProcess[str]:
        """Run `bookstore verify` on its data."""
        return subprocess.run(
            bookstore("verify", "--data", str(self.data)),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def bookstore(*arguments: str) -> list[str]:
    """Return the command line of `bookstore …`."""
    return [sys.executable, "-m", "bookstore.cli", *arguments]


@contextmanager
def running(data: Path, **environment: str) -> Iterator[Store]:
    """Run a store until the block ends."""
    store = Store(data, environment=environment)
    store.start()
    try:
        yield store
    finally:
        store.kill()
