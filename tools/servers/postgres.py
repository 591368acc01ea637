"""A PostgreSQL on loopback for a server of the tests: its data in a folder, gone afterwards.

Debian's package postgresql has it. It refuses to run as root, and is then run as its own user.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.servers.ports import free_port
from tools.servers.program import NotStartedError

_USER: Final = "postgres"
_DURABLE: Final = "-c fsync=on -c synchronous_commit=on"


@dataclass
class Postgres:
    """A server with its data in a folder; anybody on this machine may use it while it runs."""

    folder: Path
    port: int = field(default_factory=free_port)
    user: str = _USER
    name: str = "postgres"

    def make(self) -> None:
        """Make its data."""
        self.folder.mkdir(exist_ok=True)
        if _as_user():
            shutil.chown(self.folder, _USER, _USER)
        data = f"--pgdata={self._data}"
        _run("initdb", data, f"--username={_USER}", "--auth=trust", "--no-locale")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -h 127.0.0.1 -c unix_socket_directories= {_DURABLE}"
        _run("pg_ctl", *self._control, f"--log={self.folder}/log", f"--options={options}", "start")

    def stop(self) -> None:
        """End it, whoever is still using it."""
        _run("pg_ctl", *self._control, "--mode=fast", "stop")

    @property
    def pid(self) -> int:
        """The id of the process that all of it hangs on."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _control(self) -> tuple[str, ...]:
        return (f"--pgdata={self._data}", "--wait")


def missing() -> str | None:
    """Say what is not installed, or None."""
    return None if _programs() is not None else "PostgreSQL not found; Debian has it in postgresql"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run one on a new folder until the block ends."""
    # where its own user can get at it, too
    with TemporaryDirectory(prefix="bookstore-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        server = Postgres(Path(name) / "postgres")
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _run(program: str, *options: str) -> None:
    """Run one of its programs; what it starts outlives it, so nothing of ours is inherited."""
    done = subprocess.run(
        [f"{_programs()}/{program}", *options],
        user=_USER if _as_user() else None,
        group=_USER if _as_user() else None,
        extra_groups=[] if _as_user() else None,
        env=dict(os.environ) | {"LC_ALL": "C"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise NotStartedError(f"{program} failed with {done.returncode}: see {options[0]}")


def _programs() -> Path | None:
    """Return the newest release's folder; Debian keeps these programs off the path."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _as_user() -> bool:
    return os.geteuid() == 0
