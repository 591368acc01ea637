"""The real servers, each started once for all tests that want it."""

from collections.abc import Iterator

import pytest
from tests.harness.keycloak_console import Console
from tools.servers import conductor
from tools.servers.conductor import ConductorServer, running_conductor
from tools.servers.keycloak import Keycloak, missing, running_keycloak


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A Keycloak with our realm."""
    if reason := missing():
        pytest.skip(f"NOT TESTED ON A REAL KEYCLOAK: {reason}")
    with running_keycloak(tmp_path_factory.mktemp("keycloak") / "home") as running:
        yield running


@pytest.fixture
def console(server: Keycloak) -> Iterator[Console]:
    """Its console; nobody has an account yet."""
    opened = Console(server)
    opened.forget_everybody()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def conductor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConductorServer]:
    """A Conductor that knows no workflow, on a PostgreSQL of its own."""
    if reason := conductor.missing():
        pytest.skip(f"NOT TESTED ON A REAL CONDUCTOR: {reason}")
    with running_conductor(tmp_path_factory.mktemp("conductor")) as running:
        yield running
