"""Identity, for commands that look after it: the store may be running meanwhile, or not."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bookstore.cli.folder import at_rest
from bookstore.cli.terminal import CommandError

if TYPE_CHECKING:
    from bookstore.identity.app import Identity


@asynccontextmanager
async def identity_at_rest(data: Path) -> AsyncGenerator["Identity"]:
    """Open the identity of a data folder, with the provider that the environment names.

    Raises CommandError.
    """
    from bookstore.identity.app import open_identity  # noqa: PLC0415 only such a command needs it
    from bookstore.identity.settings import Settings  # noqa: PLC0415 likewise
    from bookstore.kit.settings import SettingsError, read_settings  # noqa: PLC0415 likewise

    environment = dict(os.environ) | {"IDENTITY_DATABASE_URL": at_rest(data, "identity")}
    try:
        settings = read_settings(Settings, "IDENTITY", environment)
    except SettingsError as error:
        raise CommandError(f"{error}.") from error
    async with open_identity(settings) as identity:
        yield identity
