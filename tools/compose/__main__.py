"""Says what compose.yaml breaks, or what is laid over it: `python -m tools.compose`.

Exit code 1 if that is anything.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.compose.model import OBSERVABILITY, ROOT, laid_over, read
from tools.compose.rules import broken
from tools.compose.told import senseless


def main() -> None:
    """Check the file with secrets that are made up for it."""
    model = laid_over(read(), read(OBSERVABILITY))
    with TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([ROOT / "deploy/compose/secrets.sh", folder], check=True)
        problems = [*broken(model), *senseless(model, folder)]
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
