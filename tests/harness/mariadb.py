"""A MariaDB server of the tests: its data in a folder, on loopback, ended by its own id.

Debian's package mariadb-server-core has all it needs, and starts no service by itself.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from socket import socket
from typing import Final

import pymysql

PROGRAMS: Final = ("mariadbd", "mariadb-install-db")
_WAIT: Final = 60.0  # seconds, for a first start on a busy machine
_CONFIGURATION: Final = """[mysqld]
bind-address = 127.0.0.1
skip-name-resolve
default-time-zone = +00:00
max_connections = 200
innodb_flush_log_at_trx_commit = 1
innodb_buffer_pool_size = 128M
innodb_log_file_size = 48M
log_bin = binlog
sync_binlog = 1
binlog_format = ROW
performance_schema = OFF
"""


def missing() -> str | None:
    """Say what is not installed, or None."""
    absent = [program for program in PROGRAMS if _program(program) is None]
    if not absent:
        return None
    return f"{' and '.join(absent)} not found: apt-get install mariadb-server-core"


@dataclass(slots=True)
class MariaDb:
    """A server that can be killed and started again on the same data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, *, user: str = "root") -> str:
        """Where a database is."""
        return f"mysql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                str(_program("mariadbd")),
                f"--defaults-file={self.folder}/my.cnf",
                f"--datadir={self.folder}/data",
                f"--socket={self.folder}/mariadb.sock",
                f"--pid-file={self.folder}/mariadb.pid",
                f"--port={self.port}",
                f"--user={getuser()}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "mariadb.log").open("ab"),
        )
        until = time.monotonic() + _WAIT
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                log = (self.folder / "mariadb.log").read_text()[-2000:]
                raise RuntimeError(f"MariaDB did not start: {log}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(_WAIT)

    def execute(self, *statements: str) -> None:
        """Run statements as the server's owner."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def connect(self, database: str | None = None) -> "pymysql.Connection":
        """Open a connection beside those of the software."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except pymysql.OperationalError:
            return False
        return True


@contextmanager
def running(folder: Path) -> Iterator[MariaDb]:
    """Make a server in the folder and run it until the block ends."""
    (folder / "my.cnf").write_text(_CONFIGURATION)
    subprocess.run(
        [
            str(_program("mariadb-install-db")),
            "--no-defaults",
            f"--datadir={folder}/data",
            f"--user={getuser()}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    with closing(socket()) as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    server = MariaDb(folder, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _program(name: str) -> str | None:
    return shutil.which(name, path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")
