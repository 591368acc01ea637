"""What does not go together in the settings of a process, beyond what one struct can tell."""

import os
from collections.abc import Callable, Iterator, Sequence

from bookstore.kit.database import is_sqlite
from bookstore.kit.process_settings import ServiceSettings
from bookstore.kit.rpc import are_addresses
from bookstore.kit.settings import SettingsError, is_set


def variable(neighbour: str) -> str:
    """Return where it stands at what address a neighbour answers gRPC."""
    return f"{neighbour.upper()}_RPC"


def check_acquainted(service: str, neighbours: Sequence[str]) -> None:
    """See that a service knows where its neighbours are, and how to prove itself to them.

    Raises SettingsError.
    """
    problems = [problem for name in neighbours for problem in _address_problems(name)]
    secrets = (f"{service.upper()}_SERVICE_SECRET", "SERVICE_SECRET")
    if neighbours and not any(map(is_set, secrets)):
        problems.append(
            "SERVICE_SECRET: is not set; how shall it prove itself to its neighbours? "
            f"Give it the secret that identity has for {service} in SERVICE_CLIENTS"
        )
    _refuse(problems)


def check_worker(read: Callable[[], ServiceSettings]) -> None:
    """See that a process may work on tasks; raises SettingsError."""
    try:
        settings = read()
    except SettingsError:
        return  # which is told elsewhere
    _refuse(list(_worker_problems(settings)))


def _worker_problems(settings: ServiceSettings) -> Iterator[str]:
    if settings.role == "query":
        yield (
            "ROLE: is query, which changes nothing, but to work on tasks is to change things: "
            "leave ROLE out"
        )
    for name, url in settings.written.items():
        if is_sqlite(url):
            yield (
                f"{name}: is a SQLite file, which is written by one process, `serve`; for `work` "
                "beside it move to MariaDB or MySQL: mysql://USER:PASSWORD@HOST:3306/NAME"
            )


def _address_problems(neighbour: str) -> Iterator[str]:
    """Say why a neighbour cannot be found."""
    text = os.environ.get(variable(neighbour), "")
    if not text:
        yield f"{variable(neighbour)}: is not set; where is {neighbour}?"
    elif not are_addresses(text):
        yield (
            f"{variable(neighbour)}: is {text}, but takes host:port, as in {neighbour}:9080, "
            "or several separated by commas"
        )


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise SettingsError(*problems)
