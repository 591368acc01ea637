"""Identity as a process of its own: `python -m bookstore.identity serve|migrate`."""

from collections.abc import Sequence
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


def unfit(settings: Settings) -> Sequence[str]:
    """Say why it can be of no use to the other services."""
    if settings.service_clients or settings.idp == "keycloak":  # which knows them itself
        return ()
    return ("SERVICE_CLIENTS: is not set; which services may ask, and with which secrets?",)


def own_authenticator(service: Service) -> Authenticator:
    """Know callers by the tokens that identity's provider issues."""
    return cast("Identity", service).authenticator


if __name__ == "__main__":
    Process(
        name="identity",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        authenticator=own_authenticator,
        unfit=unfit,
    ).main()
