"""Identity as a process of its own: `python -m bookstore.identity serve|migrate`."""

from contextlib import AbstractAsyncContextManager
from typing import cast

from bookstore.identity.app import MIGRATIONS, Identity, open_identity
from bookstore.identity.settings import Settings
from bookstore.kit.auth import Authenticator
from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service


def opened(settings: Settings, _near: Near) -> AbstractAsyncContextManager[Service]:
    """Open identity, which needs no neighbour."""
    return open_identity(settings)


def own_authenticator(service: Service) -> Authenticator:
    """Know callers by the tokens that were issued here."""
    return cast("Identity", service).authenticator


if __name__ == "__main__":
    Process(
        name="identity",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        authenticator=own_authenticator,
    ).main()
