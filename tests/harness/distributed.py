"""The whole store as nine processes behind one edge: six that serve, three that work on sagas.

Each service has a database of its own on one MariaDB; a Conductor keeps the sagas; an Envoy makes
one address of all of them.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pymysql
from tests.harness.issuer import SECRET
from tests.harness.services import SIX
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD
from tools.edge.envoy import ROLES, Edge
from tools.servers import mysql
from tools.servers.conductor import ConductorServer
from tools.servers.envoy import running_edge
from tools.servers.ports import free_port

WORKERS: Final = ("inventory", "order", "payment")
_STARTER: Final = Path(__file__).parents[2] / "data/starter/books.json"
_PATIENCE_S: Final = 90


@dataclass
class Distributed:
    """Where clients find it, and its processes by name, such as `payment work`."""

    url: str
    environment: dict[str, str]
    folder: Path
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self, service: str, what: str) -> None:
        """Start a process; it is not waited for."""
        with (self.folder / f"{service}-{what}.log").open("ab") as log:
            self.processes[f"{service} {what}"] = subprocess.Popen(
                [sys.executable, "-m", f"bookstore.{service}", what],
                env=self.environment | _http_of_worker(self.environment, service, what),
                stdout=log,
                stderr=log,
            )

    def kill(self, service: str, what: str) -> None:
        """End a process as a power cut would."""
        process = self.processes[f"{service} {what}"]
        process.kill()
        process.wait()

    def await_ready(self) -> None:
        """Wait until every process says that it is ready."""
        end = time.monotonic() + _PATIENCE_S
        for name in self.processes:
            service, what = name.split()
            key = f"{service.upper()}_{'WORK_' if what == 'work' else ''}HTTP"
            url = f"http://{self.environment[key]}/readyz"
            while not _is_ready(url):
                process = self.processes[name]
                if process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / f"{service}-{what}.log").read_text(errors="replace")
                    raise AssertionError(f"{name} does not get ready:\n{log[-3000:]}")
                time.sleep(0.1)

    def stop(self) -> dict[str, int]:
        """Ask all of them to end, and return their exit codes."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(25) for name, process in self.processes.items()}


@contextmanager
def distributed(folder: Path, conductor: ConductorServer) -> Iterator[Distributed]:
    """Run it on new databases until the block ends."""
    with ExitStack() as stack:
        data = folder / "mariadb"
        data.mkdir()
        server = stack.enter_context(mysql.running("mariadb", data))
        _make_databases(server.port, [*SIX, "card_network"])
        edge = ("127.0.0.1", free_port())
        environment = _environment(server.url, conductor, f"http://{edge[0]}:{edge[1]}")
        store = Distributed(environment["PUBLIC_URL"], environment, folder)
        stack.callback(_end, store)
        for service in SIX:
            migrated = [sys.executable, "-m", f"bookstore.{service}", "migrate"]
            subprocess.run(migrated, check=True, env=environment)
        for service in SIX:
            store.start(service, "serve")
        for service in WORKERS:
            store.start(service, "work")
        store.await_ready()
        stack.enter_context(running_edge(_edge(edge, environment), folder))
        yield store


def _environment(database: str, conductor: ConductorServer, public_url: str) -> dict[str, str]:
    http = {name: f"127.0.0.1:{free_port()}" for name in SIX}
    return {
        "PUBLIC_URL": public_url,
        "IDENTITY_URL": f"http://{http['identity']}",
        "SERVICE_SECRET": SECRET,
        "SERVICE_CLIENTS": ",".join(f"{name}:{SECRET}" for name in SIX),
        "CATALOG_STARTER": str(_STARTER),
        "SAGA_ENGINE": "conductor",
        "CONDUCTOR_URL": conductor.api.removesuffix("/api"),
        "CARD_NETWORK_URL": f"{database}/card_network",
        "TRUSTED_PROXIES": "127.0.0.1",
        "BOOKSTORE_STAFF_EMAIL": STAFF_EMAIL,
        "BOOKSTORE_STAFF_PASSWORD": STAFF_PASSWORD,
        **{f"{name.upper()}_HTTP": address for name, address in http.items()},
        **{f"{name.upper()}_WORK_HTTP": f"127.0.0.1:{free_port()}" for name in WORKERS},
        **{f"{name.upper()}_RPC": f"127.0.0.1:{free_port()}" for name in SIX},
        **{f"{name.upper()}_DATABASE_URL": f"{database}/{name}" for name in SIX},
    }


def _http_of_worker(environment: dict[str, str], service: str, what: str) -> dict[str, str]:
    """A worker says how it is at an address of its own."""
    if what != "work":
        return {}
    return {f"{service.upper()}_HTTP": environment[f"{service.upper()}_WORK_HTTP"]}


def _edge(listen: tuple[str, int], environment: dict[str, str]) -> Edge:
    def of(service: str) -> tuple[str, int]:
        host, _, port = environment[f"{service.upper()}_HTTP"].partition(":")
        return host, int(port)

    return Edge(
        listen=listen,
        admin=("127.0.0.1", free_port()),
        upstreams={f"{service}-{role}": [of(service)] for service in SIX for role in ROLES},
        issuer=environment["PUBLIC_URL"],
        audience="bookstore",
        keys=(of("identity"), "/.well-known/jwks.json"),
    )


def _make_databases(port: int, names: list[str]) -> None:
    with (
        closing(pymysql.connect(host="127.0.0.1", port=port, user="root")) as connection,
        connection.cursor() as cursor,
    ):
        for name in names:
            cursor.execute(f"CREATE DATABASE `{name}`")


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _end(store: Distributed) -> None:
    for process in store.processes.values():
        process.kill()
        process.wait()
