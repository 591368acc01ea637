"""The command line: every command, and one sentence where something cannot be done."""

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Final, NoReturn

import typer

from bookstore.cli import keys, sagas, staff
from bookstore.cli.demo import demo
from bookstore.cli.importer import command as importer
from bookstore.cli.terminal import CommandError, err, out
from bookstore.cli.up import up
from bookstore.cli.verify.command import verify

NAME: Final = "bookstore"
app: Final = typer.Typer(
    name=NAME,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="A bookstore of six services, on one machine. Begin with `bookstore up`; in a second "
    "terminal try `bookstore demo`.",
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 — as Typer calls it
    if wanted:
        out.print(f"{NAME} {metadata.version(NAME)}")
        raise typer.Exit


@app.callback()
def bookstore(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", is_eager=True, callback=_tell_version
        ),
    ] = False,
) -> None:
    """Begin with `bookstore up`; in a second terminal try `bookstore demo`."""


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
        code = app(arguments, prog_name=NAME, standalone_mode=False)
    except CommandError as error:
        _refuse(str(error))
    except typer.Abort:
        _refuse("Aborted: nothing more was done.")
    except typer.TyperException as misuse:
        _refuse(_sentence(misuse))
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _sentence(misuse: typer.TyperException) -> str:
    """Say what is wrong with the command line, and where to read how it is used."""
    said = misuse.format_message().rstrip(".")
    if not said:
        return ""  # nothing was asked for, and the help has been shown
    asked = getattr(getattr(misuse, "ctx", None), "command_path", NAME)
    return f"{said}; see {asked} --help."


def _refuse(sentence: str) -> NoReturn:
    if sentence:
        err.print(sentence, style="red", markup=False, soft_wrap=True)
    sys.exit(2)
