"""A Conductor that is away, or that accepts and never answers, keeps no process from ending."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from tests.harness.issuer import issuing
from tests.harness.services import until_ready
from tools.distributed.databases import make_databases
from tools.servers import mysql
from tools.servers.ports import free_address

WITHIN_S = 20


@pytest.fixture(params=["away", "silent"])
def conductor_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where nobody listens, or somebody who never says anything."""
    if request.param == "away":
        yield f"http://{free_address()}"
        return
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A worker shares its service's database, so it is a server's."""
    if reason := mysql.missing("mariadb"):
        pytest.skip(f"NOT TESTED ON A SERVER: {reason}")
    with mysql.running("mariadb", tmp_path_factory.mktemp("mariadb")) as server:
        yield make_databases(server.port, "root's", {"inventory": "own", "order": "own"})


@pytest.mark.parametrize("process", ["inventory work", "order serve"])
def test_a_process_that_is_told_to_stop_ends_well_and_in_time(
    databases: dict[str, str], conductor_url: str, process: str
) -> None:
    service, what = process.split()
    http = free_address()
    with issuing() as issuer:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": databases[service],
            "HTTP": http,
            "RPC": free_address(),
            **{
                f"{name}_RPC": "127.0.0.1:1"
                for name in ("CATALOG", "IDENTITY", "ORDER", "PAYMENT")
            },
            "SAGA_ENGINE": "conductor",
            "CONDUCTOR_URL": conductor_url,
            **issuer.settings,
        }
        command = [sys.executable, "-m", f"bookstore.{service}", what]
        with subprocess.Popen(command, env=environment) as running:
            try:
                until_ready(f"http://{http}", [running])
                time.sleep(1)  # it has asked the server by then
                running.send_signal(signal.SIGTERM)
                assert running.wait(WITHIN_S) == 0
            finally:
                running.kill()
