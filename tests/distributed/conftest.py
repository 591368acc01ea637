"""The real servers, each started once for all tests that want it, and the store upon them."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.harness.distributed import Distributed, distributed
from tests.harness.keycloak_console import Console
from tests.harness.people import Buyer, Staff
from tools.servers import conductor, envoy, keycloak, mysql
from tools.servers.conductor import ConductorServer, running_conductor
from tools.servers.keycloak import Keycloak, running_keycloak
from tools.servers.maven import NotToBeHadError


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A Keycloak with our realm."""
    if reason := keycloak.missing():
        pytest.skip(f"NOT TESTED ON A REAL KEYCLOAK: {reason}")
    try:
        with running_keycloak(tmp_path_factory.mktemp("keycloak") / "home") as running:
            yield running
    except NotToBeHadError as error:
        pytest.skip(f"NOT TESTED ON A REAL KEYCLOAK: {error}")


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
    try:
        with running_conductor(tmp_path_factory.mktemp("conductor")) as running:
            yield running
    except NotToBeHadError as error:
        pytest.skip(f"NOT TESTED ON A REAL CONDUCTOR: {error}")


@pytest.fixture(scope="session")
def store(
    tmp_path_factory: pytest.TempPathFactory, conductor_server: ConductorServer, server: Keycloak
) -> Iterator[Distributed]:
    """The store, each service in two processes, on all the real servers.

    At the end every process has to stop well when told.
    """
    if reason := mysql.missing("mariadb") or envoy.missing():
        pytest.skip(f"NOT TESTED ACROSS PROCESSES: {reason}")
    console = Console(server)
    console.forget_everybody()  # a store before this one may have had its staff
    console.close()
    folder = tmp_path_factory.mktemp("store")
    with distributed(folder, conductor_server, server, each=2) as running:
        yield running
        assert set(running.stop().values()) == {0}


@pytest.fixture
async def buyer(store: Distributed) -> AsyncIterator[Buyer]:
    async with Buyer(store.url) as buyer:
        yield buyer


@pytest.fixture
async def staff(store: Distributed) -> AsyncIterator[Staff]:
    async with Staff(store.url) as staff:
        yield staff
