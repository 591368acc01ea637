"""A start imports what it needs and no more."""

import subprocess
import sys

HEAVY = ("httpx", "alembic", "jinja2", "rich._emoji_codes", "rich.markdown", "numpy")


def test_the_store_starts_without_what_is_heavy() -> None:
    program = (
        "import sys, bookstore.cli.command, bookstore.cli.embedded, bookstore.kit.server\n"
        f"print(*sys.modules.keys() & {set(HEAVY)!r})"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert done.stdout.split() == []
