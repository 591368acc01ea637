"""A PostgreSQL on loopback for a server of the tests: its data in a folder, gone afterwards.

Debian's package postgresql has it. It refuses to run as root, and is then run as its own user.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.servers.ports import free_port

_USER: Final = "postgres"
_DURABLE: Final = "-c fsync=on -c synchronous_commit=on"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; anybody on this machine may use it while the test lasts."""

    port: int
    user: str = _USER
    name: str = "postgres"


def missing() -> str | None:
    """Say what is not installed, or None."""
    return None if _programs() is not None else "PostgreSQL not found; Debian has it in postgresql"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run one until the block ends."""
    # the path of a socket has to be short
    with TemporaryDirectory(prefix="bookstore-postgres-", dir="/tmp") as name:
        folder = Path(name)
        if _as_user():
            shutil.chown(folder, _USER, _USER)
        data, server = folder / "data", Postgres(free_port())
        _run("initdb", f"--pgdata={data}", f"--username={_USER}", "--auth=trust", "--no-locale")
        options = f"-p {server.port} -h 127.0.0.1 -k {folder} {_DURABLE}"
        control = ("pg_ctl", f"--pgdata={data}", "--wait")
        _run(*control, f"--log={folder}/log", f"--options={options}", "start")
        try:
            yield server
        finally:
            _run(*control, "--mode=immediate", "stop")


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
        raise AssertionError(f"{program} failed with {done.returncode}")


def _programs() -> Path | None:
    """Return the newest release's folder; Debian keeps these programs off the path."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _as_user() -> bool:
    return os.geteuid() == 0
