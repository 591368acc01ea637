"""Where the databases are: in a data folder, named one by one, or where the services say."""

import os
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from bookstore.cli.folder import CARD_NETWORK, SERVICES, Folder
from bookstore.cli.terminal import CommandError
from bookstore.kit.database import DatabaseUrlError, check_url
from bookstore.kit.settings import SettingsError, is_set, read_settings

# The schema by which invariants speak of each database, in the order in which they are read;
# `order` is a word of SQL, so its schema is `ordering`.
SCHEMAS: Final = {
    CARD_NETWORK: "network",
    "payment": "payment",
    "inventory": "inventory",
    "catalog": "catalog",
    "customer": "customer",
    "identity": "identity",
    "order": "ordering",
}


def of_folder(folder: Folder) -> dict[str, str]:
    """Return the URLs of a data folder's databases, by name."""
    return {name: folder.url(name) for name in SCHEMAS if folder.file(name).exists()}


def named(texts: Iterable[str]) -> dict[str, str]:
    """Return the URLs of databases named as `order=mysql://…`; raises CommandError."""
    found: dict[str, str] = {}
    for text in texts:
        name, _, url = text.partition("=")
        if name not in SCHEMAS:
            raise CommandError(
                f"{name} is no database: name one as in order=sqlite:////folder/order.db; there "
                f"are {', '.join(SCHEMAS)}."
            )
        found[name] = url
    if missing := [service for service in SERVICES if service not in found]:
        raise CommandError(f"The database of {', '.join(missing)} is not named.")
    _check({f"--database {name}": url for name, url in found.items()})
    return found


class _Service(msgspec.Struct, frozen=True):
    database_url: str


class _Payment(msgspec.Struct, frozen=True):
    card_network_url: str = ""


def services_are_set(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the variables of any service say where its database is."""
    return any(is_set(_variable(service), environment) for service in SERVICES)


def of_services(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the URLs from the variables that the services read; raises CommandError.

    Without a CARD_NETWORK_URL the network is not ours to look at, and is left out.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for service in SERVICES:
        try:
            settings = read_settings(_Service, service.upper(), environment)
        except SettingsError as error:
            problems.extend(error.problems)
        else:
            found[service] = settings.database_url
    try:
        if network := read_settings(_Payment, "PAYMENT", environment).card_network_url:
            found[CARD_NETWORK] = network
    except SettingsError as error:
        problems.extend(error.problems)
    if problems:
        raise CommandError(f"The settings make no sense: {'; '.join(problems)}.")
    _check({_variable(name): url for name, url in found.items()})
    return found


def _variable(name: str) -> str:
    return "CARD_NETWORK_URL" if name == CARD_NETWORK else f"{name.upper()}_DATABASE_URL"


def _check(urls: Mapping[str, str]) -> None:
    """Make sure that each is a URL of its own; raises CommandError, which shows no password."""
    for name, url in urls.items():
        try:
            parsed = check_url(url)
        except DatabaseUrlError as error:
            raise CommandError(f"{name}: {error}.") from error
        if parsed.database in {None, "", ":memory:"}:
            raise CommandError(f"{name}: a database in memory is nobody else's to look at.")
        if twin := next((other for other in urls if other != name and urls[other] == url), None):
            raise CommandError(f"{name} and {twin} are the same database; each has its own.")
