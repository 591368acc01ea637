"""A MariaDB or a MySQL: its data in a folder, on loopback, ended by its own id.

Debian's packages mariadb-server-core and mysql-server-core have all it needs, and start no
service by themselves.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import IO, Final

import pymysql
from tools.servers.ports import free_port

_WAIT: Final = 60.0  # seconds, for a first start on a busy machine
_CONFIGURATION: Final = """[mysqld]
bind-address = 127.0.0.1
default-time-zone = +00:00
max_connections = 200
innodb_flush_log_at_trx_commit = 1
innodb_buffer_pool_size = 128M
innodb_doublewrite = ON
log_bin = binlog
sync_binlog = 1
performance_schema = OFF
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one sort of server is called, and how its data folder is made."""

    program: str
    initialiser: tuple[str, ...]
    options: tuple[str, ...] = ()


_KINDS: Final = {
    "mariadb": _Kind(
        "mariadbd",
        (
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ),
    ),
    "mysql": _Kind(
        "mysqld",
        ("mysqld", "--no-defaults", "--initialize-insecure"),
        ("--secure-file-priv=NULL", "--mysqlx=OFF", "--tls-version="),  # the wire is to be read
    ),
}


def missing(kind: str) -> str | None:
    """Say what is not installed, or None."""
    programs = {_KINDS[kind].program, _KINDS[kind].initialiser[0]}
    absent = sorted(program for program in programs if _program(program) is None)
    if absent:
        return f"{' and '.join(absent)} not found; Debian has it in {kind}-server-core"
    version = subprocess.run(
        [str(_program(_KINDS[kind].program)), "--version"], capture_output=True, check=True
    ).stdout
    if (b"MariaDB" in version) != (kind == "mariadb"):
        return f"{_program(_KINDS[kind].program)} is another server: {version.decode().strip()}"
    return None


@dataclass(slots=True)
class Server:
    """A server that can be killed and started again on the same data."""

    kind: str
    folder: Path
    port: int
    _log: IO[bytes]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, without the name of a database."""
        return f"mysql://root@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                str(_program(_KINDS[self.kind].program)),
                f"--defaults-file={self.folder}/my.cnf",
                f"--datadir={self.folder}/data",
                f"--socket={self.folder}/server.sock",
                f"--pid-file={self.folder}/server.pid",
                f"--port={self.port}",
                f"--user={getuser()}",
                *_KINDS[self.kind].options,
            ],
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        until = time.monotonic() + _WAIT
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                said = (self.folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"{self.kind} did not start: {said[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(_WAIT)

    def _answers(self) -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root").close()
        except pymysql.OperationalError:
            return False
        return True


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Server]:
    """Make a server in the folder and run it until the block ends."""
    (folder / "my.cnf").write_text(_CONFIGURATION)
    initialiser, *options = _KINDS[kind].initialiser
    subprocess.run(
        [
            str(_program(initialiser)),
            *options,
            f"--datadir={folder}/data",
            f"--user={getuser()}",
        ],
        check=True,
        capture_output=True,
    )
    with (folder / "server.log").open("ab") as log:
        server = Server(kind, folder, free_port(), log)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
