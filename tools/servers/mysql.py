"""A MariaDB or a MySQL: its data in a folder, on loopback, ended by its own id.

Debian's package mariadb-server-core has all it needs, and starts no service by itself. MySQL's
mysql-server-core is in Debian unstable only: `make mysql` unpacks it where nothing else sees it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path
from typing import Final

import pymysql
from pymysql.constants import ER
from tools.servers.ports import free_port
from tools.servers.program import NotStartedError, Program
from tools.servers.unpacked_mysql import PROGRAM

_READY_WITHIN: Final = 60.0  # seconds, for a first start on a busy machine
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
    remedy: str
    initialiser: tuple[str, ...]
    options: tuple[str, ...] = ()


_KINDS: Final = {
    "mariadb": _Kind(
        "mariadbd",
        "Debian has it in mariadb-server-core",
        (
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ),
    ),
    "mysql": _Kind(
        "mysqld",
        "`make mysql` unpacks Debian unstable's",
        ("mysqld", "--no-defaults", "--initialize-insecure"),
        ("--secure-file-priv=NULL", "--mysqlx=OFF", "--tls-version="),  # the wire is to be read
    ),
}


def missing(kind: str) -> str | None:
    """Say what is not installed, or None."""
    programs = {_KINDS[kind].program, _KINDS[kind].initialiser[0]}
    absent = sorted(program for program in programs if _program(program) is None)
    if absent:
        return f"{' and '.join(absent)} not found; {_KINDS[kind].remedy}"
    version = subprocess.run(
        [str(_program(_KINDS[kind].program)), "--version"], capture_output=True, check=True
    ).stdout
    if (b"MariaDB" in version) != (kind == "mariadb"):
        other = f"{_program(_KINDS[kind].program)} is {version.decode().strip()}"
        return f"{other}; {_KINDS[kind].remedy}"
    return None


@dataclass
class Server:
    """A server that can be killed and started again on the same data."""

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = Program(self.kind, self.folder / "server.log")

    @property
    def url(self) -> str:
        """Where its administrator is, without the name of a database."""
        return f"mysql://root@127.0.0.1:{self.port}"

    def make(self) -> None:
        """Make its data, with an administrator who has no password."""
        (self.folder / "my.cnf").write_text(_CONFIGURATION)
        initialiser, *options = _KINDS[self.kind].initialiser
        done = subprocess.run(
            [
                str(_program(initialiser)),
                *options,
                f"--datadir={self.folder}/data",
                f"--user={getuser()}",
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NotStartedError(f"{initialiser} failed:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.program.start(
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
        )
        self.program.await_ready(self._answers, _READY_WITHIN)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.program.kill()

    def stop(self) -> None:
        """End it in good order."""
        self.program.stop(_READY_WITHIN)

    def _answers(self) -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root").close()
        except pymysql.OperationalError as error:
            return bool(
                error.args[0] == ER.ACCESS_DENIED_ERROR
            )  # the administrator has a password
        return True


@contextmanager
def running(kind: str, folder: Path) -> Iterator[Server]:
    """Make a server in the folder and run it until the block ends."""
    server = Server(kind, folder)
    server.make()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _program(name: str) -> str | None:
    """Find a program: what was unpacked on purpose counts more than what happens to be there."""
    return shutil.which(name, path=f"{PROGRAM.parent}:{os.environ['PATH']}:/usr/sbin")
