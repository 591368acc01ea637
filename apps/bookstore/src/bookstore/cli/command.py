"""The command line: every command, and one sentence where something cannot be done."""

import sys
from collections.abc import Sequence
from typing import Final

import typer

from bookstore.cli import keys, sagas, staff
from bookstore.cli.demo import demo
from bookstore.cli.importer import command as importer
from bookstore.cli.terminal import CommandError, err
from bookstore.cli.up import up
from bookstore.cli.verify.command import verify

app: Final = typer.Typer(
    name="bookstore",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="A bookstore of six services, on one machine. Begin with `bookstore up`; in a second "
    "terminal try `bookstore demo`.",
)
app.command()(up)
app.command()(demo)
app.command()(verify)
app.add_typer(importer.app, name="import")
app.add_typer(sagas.app, name="sagas")
app.add_typer(staff.app, name="staff")
app.add_typer(keys.app, name="keys")


def run(arguments: Sequence[str] | None = None) -> None:
    """Obey the command line; exit 2 with one sentence where that cannot be done."""
    try:
        app(arguments)
    except CommandError as error:
        err.print(str(error), style="red", markup=False, soft_wrap=True)
        sys.exit(2)
