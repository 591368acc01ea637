"""A MySQL for machines whose Debian has none: unstable's, unpacked where nothing else is touched.

`make mysql`, which needs Debian's mmdebstrap. The packages' own scripts are not run, so nothing
is installed and nothing started; the server runs with the C library that came with it.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

KEPT: Final = Path(__file__).parents[2] / ".make/servers"
PROGRAM: Final = KEPT / "mysql/mysqld"
_UNPACK: Final = (
    "mmdebstrap",
    "--variant=extract",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--include=mysql-server-core",
    "sid",
)
_SCRIPT: Final = """\
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
exec "$root/{loader}" --library-path "{libraries}" "$root/usr/sbin/mysqld" "$@" \\
  --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" \\
  --character-sets-dir="$root/usr/share/mysql/charsets"
"""


def unpack() -> Path:
    """Return the program, after it was unpacked; raises CalledProcessError."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=KEPT) as folder:
        made = Path(folder) / "mysql"
        root = made / "root"
        made.mkdir()
        subprocess.run([*_UNPACK, str(root)], check=True)
        program = made / PROGRAM.name
        program.write_text(_script(root))
        program.chmod(0o755)
        shutil.rmtree(PROGRAM.parent, ignore_errors=True)
        made.rename(PROGRAM.parent)
    return PROGRAM


def _script(root: Path) -> str:
    """Write how the server is started with the libraries beside it."""
    (near,) = (folder.relative_to(root) for folder in root.glob("usr/lib/*-linux-gnu"))
    loader = next(file.relative_to(root) for file in root.glob("usr/lib/**/ld-linux-*.so.*"))
    places = (near, near / "mysql", Path("usr/lib/mysql/private"))
    return _SCRIPT.format(loader=loader, libraries=":".join(f"$root/{place}" for place in places))


if __name__ == "__main__":
    if shutil.which(_UNPACK[0]) is None:
        sys.exit("mmdebstrap not found: Debian has it in a package of that name")
    sys.stdout.write(f"{unpack()}\n")
