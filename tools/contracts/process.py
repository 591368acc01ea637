"""The tools we run: found beside us, quiet unless they fail."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE = ROOT / "node_modules/.bin"
PYTHON = Path(sys.executable).parent


class GenerationError(Exception):
    """Something cannot be generated; says what and where."""


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a tool; raise GenerationError with all it said if it failed."""
    try:
        done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise GenerationError(f"{command[0]} is missing: run `make generate` once") from error
    if done.returncode:
        words = " ".join(map(str, command)).replace(f"{ROOT}/", "")
        raise GenerationError(f"{words}\n{done.stdout}{done.stderr}".strip())


def package(directory: Path, doc: str) -> None:
    """Make the directory a package, which import-linter needs in order to see inside."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "__init__.py").write_text(f'"""{doc}"""\n', encoding="utf-8")
