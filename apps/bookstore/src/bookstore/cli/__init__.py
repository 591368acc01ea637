"""The `bookstore` command: the whole store in one process, and what one does with it.

Read `embedded` for how the six services are put together, `up` for how they are served, and then
one module a command.
"""


def main() -> None:
    """Obey the command line; exit 2 with one sentence where that cannot be done."""
    from bookstore.cli.command import run  # noqa: PLC0415 `import bookstore.cli` stays free

    run()
