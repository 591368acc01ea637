"""`bookstore staff`: the account with which the store is run."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.markup import escape

from bookstore.cli.identity_at_rest import identity_at_rest
from bookstore.cli.terminal import DATA, CommandError, Data, out

StaffNamed: TypeAlias = tuple[str | None, str | None]  # address, password

app: Final = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Look after the staff account."
)


def staff_named() -> StaffNamed:
    """Read the staff account that the environment names; raises CommandError."""
    from bookstore.identity.domain.email import Email, EmailInvalidError  # noqa: PLC0415 as below
    from bookstore.identity.domain.password import (  # noqa: PLC0415 likewise
        PasswordInvalidError,
        choose,
    )

    email = os.environ.get("BOOKSTORE_STAFF_EMAIL") or None
    password = os.environ.get("BOOKSTORE_STAFF_PASSWORD") or None
    problems = []
    try:
        if email is not None:
            Email.typed(email)
    except EmailInvalidError as error:
        problems.append(f"BOOKSTORE_STAFF_EMAIL: {error.fields[0].message}")
    try:
        if password is not None:
            choose(password)
    except PasswordInvalidError as error:
        problems.append(f"BOOKSTORE_STAFF_PASSWORD: {error.fields[0].message}")
    if problems:
        raise CommandError(f"The settings make no sense: {'; '.join(problems)}.")
    return email, password


@app.callback()
def staff() -> None:
    """Look after the staff account."""


@app.command()
def reset(
    data: Data = DATA,
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
    from bookstore.kit.errors import BookstoreError  # noqa: PLC0415 only this command needs it

    try:
        async with identity_at_rest(data) as identity:
            credentials = await identity.staff.reset(email, password)
    except BookstoreError as error:
        raise CommandError(f"The password was not reset: {error.detail}.") from error
    shown = "as given" if password else f"[bold]{escape(credentials.password)}[/]"
    out.print(f"{escape(credentials.email)}: the password is {shown}", soft_wrap=True)
