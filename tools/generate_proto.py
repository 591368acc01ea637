"""Writes bookstore.contracts.proto from api/proto: buf lints, then fills each module's template.

`python tools/generate_proto.py` alone renews the committed files.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "api/proto"
CONTRACTS = ROOT / "libs/contracts/src"
PACKAGE = "bookstore/contracts/proto"
BUF = ROOT / "node_modules/.bin/buf"


def buf(*arguments: str | Path) -> None:
    """Run buf on the specifications with our Python first; say what it said only if it failed."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    done = subprocess.run(
        [BUF, *arguments],
        cwd=SPECS,
        env=os.environ | {"PATH": path},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"buf {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")


def generate_proto(out: Path) -> None:
    """Write the package into `out`, the folder that holds `bookstore`."""
    buf("lint")
    shutil.rmtree(out / PACKAGE, ignore_errors=True)
    (out / PACKAGE).mkdir(parents=True)
    for template in sorted(SPECS.glob("buf.gen.*.yaml")):
        buf("generate", "--template", template.name, "--output", os.path.relpath(out, SPECS))
    package = out / PACKAGE
    for directory in (package, *package.glob("*/"), *package.glob("*/*/")):
        (directory / "__init__.py").write_text('"""Generated from api/proto; do not edit."""\n')


if __name__ == "__main__":
    generate_proto(CONTRACTS)
