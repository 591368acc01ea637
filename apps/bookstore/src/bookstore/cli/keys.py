"""`bookstore keys`: what access tokens are signed with."""

import asyncio
from pathlib import Path
from typing import Final

import typer

from bookstore.cli.identity_at_rest import identity_at_rest
from bookstore.cli.terminal import DATA, CommandError, Data, out

app: Final = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Look after the keys that sign tokens."
)


@app.callback()
def keys() -> None:
    """Look after the keys that sign tokens."""


@app.command()
def rotate(data: Data = DATA) -> None:
    """Sign access tokens with a new key from now on.

    The old key verifies until the last token it signed has run out, so nobody is signed out. A
    running store takes the new key up within a minute.
    """
    kid = asyncio.run(_rotate(data))
    out.print(f"tokens are signed with key {kid} from now on; by a running store within a minute")


async def _rotate(data: Path) -> str:
    from bookstore.kit.errors import BookstoreError  # noqa: PLC0415 only this command needs it

    try:
        async with identity_at_rest(data) as identity:
            if identity.issuer is None:
                raise CommandError("Keycloak signs the tokens: rotate its keys there.")
            return await identity.issuer.rotate()
    except BookstoreError as error:
        raise CommandError(f"No key was made: {error.detail}.") from error
