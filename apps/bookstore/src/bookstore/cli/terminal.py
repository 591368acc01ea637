"""What commands say and ask: on the terminal, in colour where there is one."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

out: Final = Console(highlight=False, emoji=False)
err: Final = Console(stderr=True, highlight=False, emoji=False)


class CommandError(Exception):
    """Why a command cannot do it, and what to do instead: one sentence, exit code 2."""


Url = Annotated[
    str,
    typer.Option(
        "--url", envvar="BOOKSTORE_URL", help="Where the store is, as `bookstore up` printed it."
    ),
]
StaffEmail = Annotated[
    str | None,
    typer.Option("--email", envvar="BOOKSTORE_STAFF_EMAIL", help="The staff account's address."),
]
StaffPassword = Annotated[
    str | None,
    typer.Option(
        "--password",
        envvar="BOOKSTORE_STAFF_PASSWORD",
        help="The staff account's password; the environment is safer than the shell's history.",
    ),
]


def _folder(text: str | Path) -> Path:
    """Read the name of a folder; an empty one, of a variable that is not set, is none."""
    if not str(text).strip():
        raise typer.BadParameter("a folder has a name, such as ./bookstore-data")
    return Path(text)


Data = Annotated[
    Path,
    typer.Option(
        parser=_folder, metavar="FOLDER", help="The store's data; a store may be running on them."
    ),
]
DATA: Final = Path("bookstore-data")
DEFAULT_URL: Final = "http://127.0.0.1:8080"


def money(value: dict[str, Any]) -> str:
    """Write an amount as people do: 19.99 USD."""
    from bookstore.kit.money import Money  # noqa: PLC0415 keep `--help` quick

    return str(Money(value["amount"], value["currency"]))
