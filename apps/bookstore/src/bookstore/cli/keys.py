"""`bookstore keys`: what access tokens are signed with."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer

from bookstore.cli.folder import at_rest
from bookstore.cli.terminal import out

app: Final = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="Look after the keys that sign tokens."
)


@app.callback()
def keys() -> None:
    """Look after the keys that sign tokens."""


@app.command()
def rotate(
    data: Annotated[Path, typer.Option(help="The store's data folder; it may be running.")] = Path(
        "bookstore-data"
    ),
) -> None:
    """Sign access tokens with a new key from now on.

    The old key verifies until the last token it signed has run out, so nobody is signed out. A
    running store takes the new key up within a minute.
    """
    kid = asyncio.run(_rotate(data))
    out.print(f"tokens are signed with key {kid} from now on")


async def _rotate(data: Path) -> str:
    from bookstore.identity.app import open_identity  # noqa: PLC0415 only this command needs it
    from bookstore.identity.settings import Settings  # noqa: PLC0415 likewise

    async with open_identity(Settings(database_url=at_rest(data, "identity"))) as identity:
        return await identity.issuer.rotate()
