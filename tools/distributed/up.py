"""`up`: servers first, then the services, then the edge; each is awaited before the next."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from typing import Final

from tools.distributed.databases import make_databases
from tools.distributed.fleet import Fleet
from tools.distributed.kept import Kept, write_private
from tools.distributed.ledger import Ledger
from tools.distributed.plan import Plan, Secrets, Servers
from tools.distributed.ports import Ports
from tools.servers import conductor, envoy, keycloak, mysql
from tools.servers.conductor import ConductorServer
from tools.servers.envoy import Envoy
from tools.servers.keycloak import Keycloak
from tools.servers.postgres import Postgres
from tools.servers.program import Program

_ADMIN: Final = "admin"


@dataclass(frozen=True, slots=True)
class Up:
    """Brings a store up in a folder, where its data stay."""

    folder: Path
    ports: Ports
    ledger: Ledger
    each: int

    def __call__(self) -> Plan:
        """Start all of it; raises NotStartedError or NotToBeHadError."""
        kept = Kept.of(self.folder)
        databases = self._mariadb(kept)
        conductor_url = self._conductor()
        realm = self._keycloak(kept)
        plan = Plan(
            servers=Servers(databases=databases, conductor=conductor_url, realm=realm),
            secrets=Secrets(
                services=kept.services,
                staff_email=kept.staff_email,
                staff_password=kept.staff_password,
            ),
            port=self.ports,
            each=self.each,
        )
        self._services(plan)
        self._edge(plan)
        write_private(self.folder / "environment", "".join(for_commands(plan)))
        return plan

    def _mariadb(self, kept: Kept) -> dict[str, str]:
        server = mysql.Server("mariadb", _folder(self.folder, "mariadb"), self.ports("MariaDB"))
        with _step("MariaDB"):
            if not (server.folder / "data/mysql").is_dir():
                server.make()
            server.start()
            self._note(server.program)
            return make_databases(server.port, kept.database_administrator, kept.databases)

    def _conductor(self) -> str:
        database = Postgres(self.folder / "postgresql", self.ports("PostgreSQL"))
        with _step("PostgreSQL"):
            if not (database.folder / "data").is_dir():
                database.make()
            database.start()
            self.ledger.note("PostgreSQL", database.pid, end_by=SIGINT)
        folder = _folder(self.folder, "conductor")
        server = ConductorServer(folder, database, self.ports("Conductor"))
        with _step("Conductor, which takes a minute (and first a download of 460 MB)"):
            server.start()
            self._note(server.program)
        return server.url

    def _keycloak(self, kept: Kept) -> str:
        folder = self.folder / "keycloak"
        server = Keycloak(folder, self.ports("Keycloak"), self.ports("Keycloak health"))
        with _step("Keycloak (and first a download of 180 MB)"):
            is_new = not (folder / "data/h2").is_dir()
            keycloak.furnish(folder)
            if is_new:
                keycloak.first_start(server, kept.services, (_ADMIN, kept.keycloak_administrator))
            else:
                server.start()
            self._note(server.program)
        return server.realm

    def _services(self, plan: Plan) -> None:
        fleet = Fleet(plan, _folder(self.folder, "logs"))
        with _step("the databases' newest versions"):
            fleet.migrate()
        with _step(f"{len(plan.parts)} processes of six services"):
            fleet.start(*plan.parts)
            for program in fleet.programs.values():
                self._note(program)
            fleet.await_ready()

    def _edge(self, plan: Plan) -> None:
        edge = Envoy(plan.edge(), _folder(self.folder, "edge"))
        with _step("the edge"):
            edge.start()
            self._note(edge.program)

    def _note(self, program: Program) -> None:
        if program.process is not None:
            self.ledger.note(program.name, program.process.pid)


def missing() -> list[str]:
    """Say all that this machine lacks for it."""
    needed = (mysql.missing("mariadb"), conductor.missing(), keycloak.missing(), envoy.missing())
    return [reason for reason in needed if reason is not None]


def for_commands(plan: Plan) -> Iterator[str]:
    """Yield what `bookstore verify` and the others are told of it, for a shell to read."""
    for name, url in plan.servers.databases.items():
        variable = "CARD_NETWORK_URL" if name == "card_network" else f"{name.upper()}_DATABASE_URL"
        yield f"{variable}={url}\n"
    yield f"BOOKSTORE_URL={plan.url}\n"
    yield f"BOOKSTORE_STAFF_EMAIL={plan.secrets.staff_email}\n"
    yield f"BOOKSTORE_STAFF_PASSWORD={plan.secrets.staff_password}\n"


def _folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir(exist_ok=True)
    return made


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what is being started, and how long it took."""
    began = time.monotonic()
    sys.stderr.write(f"  {what} … ")
    sys.stderr.flush()
    try:
        yield
    except BaseException:
        sys.stderr.write("no\n")
        raise
    sys.stderr.write(f"{time.monotonic() - began:.0f} s\n")
