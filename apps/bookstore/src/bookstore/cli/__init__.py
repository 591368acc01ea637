"""The `bookstore` command: the whole store in one process, and what one does with it.

Read `embedded` for how the six services are put together, `up` for how they are served, and then
one module a command.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def main() -> None:
    """Obey the command line; exit 2 with one sentence where that cannot be done."""
    try:
        with rarely_collected():
            from bookstore.cli.command import run  # noqa: PLC0415 `import bookstore.cli` stays free

        run()
    except KeyboardInterrupt:  # before there was a command to end
        sys.exit(130)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Import without looking for garbage: what is imported stays, and is not looked at again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
