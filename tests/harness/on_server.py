"""The port suites and migrations on a database server: `python -m tests.harness.on_server KIND`.

KIND is mariadb or mysql. Without such a server on the machine it says so, and that nothing was
tested.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.servers import mysql

_ROOT = Path(__file__).parents[2]


def main(kind: str, *arguments: str) -> int:
    """Run the tests that have the server's name in theirs."""
    if reason := mysql.missing(kind):
        sys.stderr.write(f"SKIPPED: nothing was tested on {kind}: {reason}\n")
        return 0
    with (
        TemporaryDirectory(prefix="bookstore-") as folder,
        mysql.running(kind, Path(folder)) as server,
    ):
        command = [sys.executable, "-m", "pytest", "-k", kind, *(arguments or _SUITES)]
        environment = os.environ | {"TEST_SERVER": f"{kind}={server.url}"}
        return subprocess.run(command, cwd=_ROOT, env=environment, check=False).returncode


_SUITES = ("libs", "services", "tests/databases", "tests/e2e/test_processes.py")

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
