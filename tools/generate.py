"""Writes libs/contracts from the specifications: `make generate`.

`--only catalog` (repeatable) looks at one service's OpenAPI alone; `--check` writes nothing and
fails, naming the files, where what is committed is not what would be generated.
"""

import argparse
import filecmp
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it runs as a script, from anywhere

from tools.contracts.idp import generate_idp
from tools.contracts.openapi import SERVICES, generate_openapi
from tools.contracts.process import ROOT, GenerationError
from tools.generate_proto import generate_proto

CONTRACTS = Path("bookstore/contracts")
PARTS = ("openapi/**/*", "proto/**/*", "idp.py")
COMMITTED = ROOT / "libs/contracts/src" / CONTRACTS


def generate(source: Path, only: list[str]) -> None:
    """Write everything, or some services' OpenAPI, below the source folder."""
    with TemporaryDirectory() as build:
        generate_openapi(source / CONTRACTS / "openapi", only or SERVICES, Path(build))
        if not only:
            generate_idp(source / CONTRACTS / "idp.py", Path(build))
            generate_proto(source)


def differences(made: Path, committed: Path) -> list[str]:
    """Name each file that was not generated from today's specifications."""
    names = {
        path.relative_to(root).as_posix()
        for root in (made, committed)
        for pattern in PARTS
        for path in root.glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }
    return sorted(
        name
        for name in names
        if not (made / name).is_file()
        or not (committed / name).is_file()
        or not filecmp.cmp(made / name, committed / name, shallow=False)
    )


def replace(made: Path, committed: Path) -> None:
    """Bring what is committed to what was made; touch only what differs."""
    for name in differences(made, committed):
        if (made / name).is_file():
            (committed / name).parent.mkdir(parents=True, exist_ok=True)
            (committed / name).write_bytes((made / name).read_bytes())
        else:
            (committed / name).unlink()


def main() -> None:
    """Generate, or check that nothing would change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=SERVICES)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    asked = parser.parse_args()
    with TemporaryDirectory() as source:
        made = Path(source) / CONTRACTS
        try:
            generate(Path(source), asked.only)
        except GenerationError as error:
            sys.exit(str(error))
        if asked.only:  # the others stay as they are
            _keep(made, COMMITTED)
        if not asked.check:
            replace(made, COMMITTED)
        elif stale := differences(made, COMMITTED):
            sys.exit("\n".join(["not what `make generate` writes:", *stale]))


def _keep(made: Path, committed: Path) -> None:
    for path in (path for pattern in PARTS for path in committed.glob(pattern)):
        copy = made / path.relative_to(committed)
        if path.is_file() and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
