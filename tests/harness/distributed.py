"""The whole store in processes of its own, as `make up-distributed` runs it, for tests to break.

Each service has a database of its own on one MariaDB; a Conductor keeps the sagas; a Keycloak
issues the tokens, or else identity does; an Envoy makes one address of all of them.
"""

import os
import secrets
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD, bookstore
from tools.distributed.databases import make_databases
from tools.distributed.fleet import Fleet
from tools.distributed.plan import DATABASES, SIX, Part, Plan, Secrets, Servers
from tools.distributed.up import for_commands
from tools.servers import mysql
from tools.servers.conductor import ConductorServer
from tools.servers.envoy import Envoy
from tools.servers.keycloak import SECRETS, Keycloak
from tools.servers.ports import free_port

OURS = {name: f"the-secret-of-{name}-of-32-characters" for name in SIX}


@dataclass
class Distributed:
    """Its plan, its processes, and the servers of its own."""

    plan: Plan
    fleet: Fleet
    database: mysql.Server
    edge: Envoy

    @property
    def url(self) -> str:
        """Where clients find it."""
        return self.plan.url

    def start(self, part: Part) -> None:
        """Start a process that has ended; it is not waited for."""
        self.fleet.start(part)

    def kill(self, part: Part) -> None:
        """End a process as a power cut would."""
        self.fleet.kill(part)

    def stop(self) -> dict[str, int | None]:
        """Ask all of them to end, and return their exit codes."""
        return {str(part): code for part, code in self.fleet.stop().items()}

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `bookstore …` on it."""
        told = dict(line.rstrip("\n").split("=", 1) for line in for_commands(self.plan))
        return subprocess.run(
            bookstore(*words),
            env=dict(os.environ) | told,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def resident_mib(self) -> dict[str, float]:
        """Return how much memory each process holds."""
        return {
            str(part): _resident_mib(program.process.pid)
            for part, program in self.fleet.programs.items()
            if program.process is not None and program.is_alive
        }


@contextmanager
def distributed(
    folder: Path,
    conductor: ConductorServer,
    keycloak: Keycloak | None = None,
    *,
    each: int = 1,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Distributed]:
    """Run it on new databases until the block ends; `extra` is what all processes are told."""
    ports: defaultdict[str, int] = defaultdict(free_port)
    with ExitStack() as stack:
        data = folder / "mariadb"
        data.mkdir()
        database = stack.enter_context(mysql.running("mariadb", data))
        passwords = {name: secrets.token_urlsafe(18) for name in DATABASES}
        plan = Plan(
            servers=Servers(
                databases=make_databases(database.port, secrets.token_urlsafe(18), passwords),
                conductor=conductor.url,
                realm=keycloak.realm if keycloak else None,
            ),
            secrets=Secrets(
                services=SECRETS if keycloak else OURS,
                staff_email=STAFF_EMAIL,
                staff_password=STAFF_PASSWORD,
            ),
            port=ports.__getitem__,
            each=each,
            extra=extra or {},
        )
        fleet = Fleet(plan, folder)
        stack.callback(_kill, fleet)
        fleet.migrate()
        fleet.start(*plan.parts)
        fleet.await_ready()
        edge = Envoy(plan.edge(), folder)
        stack.callback(edge.program.stop)
        edge.start()
        yield Distributed(plan, fleet, database, edge)


def _kill(fleet: Fleet) -> None:
    for part in fleet.programs:
        fleet.kill(part)


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
