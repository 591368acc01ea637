"""A start imports what it needs and no more."""

import subprocess
import sys

import pytest

HEAVY = ("httpx", "alembic", "jinja2", "rich._emoji_codes", "rich.markdown", "numpy")


@pytest.mark.parametrize("name", HEAVY)
def test_the_store_starts_without(name: str) -> None:
    program = (
        "import sys, bookstore.cli.command, bookstore.cli.embedded, bookstore.kit.server\n"
        f"sys.exit({name!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
