"""`bookstore staff`: the account with which the store is run."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from bookstore.cli.folder import at_rest
from bookstore.cli.terminal import CommandError, out

app: Final = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Look after the staff account."
)


@app.callback()
def staff() -> None:
    """Look after the staff account."""


@app.command()
def reset(
    data: Annotated[Path, typer.Option(help="The store's data folder; it may be running.")] = Path(
        "bookstore-data"
    ),
    email: Annotated[
        str | None, typer.Option(help="Which staff account; the oldest, if none is named.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="The new password; made up and shown, if none is given.")
    ] = None,
) -> None:
    """Give a lost staff account a new password, enable it, and end its sessions.

    Whoever may write the data folder may do this; the store can be running meanwhile.
    """
    asyncio.run(_reset(data, email, password))


async def _reset(data: Path, email: str | None, password: str | None) -> None:
    from bookstore.identity.app import open_identity  # noqa: PLC0415 only this command needs it
    from bookstore.identity.settings import Settings  # noqa: PLC0415 likewise
    from bookstore.kit.errors import BookstoreError  # noqa: PLC0415 likewise

    settings = Settings(database_url=at_rest(data, "identity"))
    try:
        async with open_identity(settings) as identity:
            credentials = await identity.staff.reset(email, password)
    except BookstoreError as error:
        raise CommandError(f"The password was not reset: {error.detail}.") from error
    shown = "as given" if password else f"[bold]{escape(credentials.password)}[/]"
    out.print(f"{escape(credentials.email)}: the password is {shown}", soft_wrap=True)
