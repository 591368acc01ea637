"""A real Conductor OSS on loopback: fetched once from Maven, never kept in the repository.

It needs Java 21 or newer, Maven for the download, whose checksum is below, and PostgreSQL for
its storage: on SQLite it loses sagas under load.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.servers import postgres
from tools.servers.maven import fetch
from tools.servers.ports import free_port
from tools.servers.program import Program, answers

VERSION: Final = "3.32.3"
SHA256: Final = "6b1615a5beb82bbbfa05219d0f1b84440aa8c0bef1371662803ef5588d7d507b"

_KEPT: Final = Path(__file__).parents[2] / ".make/servers"
_JAR: Final = _KEPT / f"conductor-server-{VERSION}-boot.jar"
_READY_WITHIN: Final = 400
_OLDEST_JAVA: Final = 21
_PROPERTIES: Final = """\
server.address=127.0.0.1
server.port={port}
conductor.db.type=postgres
conductor.queue.type=postgres
conductor.workflow-execution-lock.type=postgres
conductor.app.workflowExecutionLockEnabled=true
spring.datasource.url=jdbc:postgresql://127.0.0.1:{database.port}/{database.name}
spring.datasource.username={database.user}
spring.datasource.password=
conductor.indexing.enabled=false
conductor.indexing.type=none
management.health.elasticsearch.enabled=false
conductor.scheduler.enabled=false
conductor.integrations.ai.enabled=false
conductor.app.sweeperThreadCount=4
conductor.app.systemTaskWorkerThreadCount=2
conductor.app.workflowOffsetTimeout=5
conductor.app.maxPostponeDurationSeconds=5
"""


def missing() -> str | None:
    """Say what a Conductor needs and this machine has not, or None."""
    if _java() is None:
        return f"Java {_OLDEST_JAVA} or newer not found"
    if not _JAR.is_file() and shutil.which("mvn") is None:
        return "mvn not found"
    return postgres.missing()


@dataclass
class ConductorServer:
    """A Conductor whose data are in a PostgreSQL, and whose log is in a folder."""

    folder: Path
    database: postgres.Postgres
    port: int = field(default_factory=free_port)
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = Program("Conductor", self.folder / "conductor.log")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """The base of its REST API."""
        return f"{self.url}/api"

    def start(self) -> None:
        """Start it, and wait until it is ready: some 40 s of a processor."""
        file = self.folder / "conductor.properties"
        file.write_text(_PROPERTIES.format(port=self.port, database=self.database))
        self.program.start(
            [
                *(str(_java()), "-Xmx768m", "-XX:+UseSerialGC"),
                *("-XX:TieredStopAtLevel=1", "-jar", str(jar())),
            ],
            dict(os.environ) | {"CONDUCTOR_CONFIG_FILE": str(file)},
            self.folder,
        )
        self.program.await_ready(lambda: answers(f"{self.url}/actuator/health"), _READY_WITHIN)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.program.kill()


@contextmanager
def running_conductor(folder: Path) -> Iterator[ConductorServer]:
    """Run one on a new folder until the block ends."""
    with postgres.running_postgres() as database:
        server = ConductorServer(folder, database)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def _java() -> Path | None:
    """Return a Java that is new enough: the one on the path, else one beside it."""
    found = [Path(java) for java in (shutil.which("java"),) if java is not None]
    found += sorted(Path("/usr/lib/jvm").glob("*/bin/java"), reverse=True)
    return next((java for java in found if _release(java) >= _OLDEST_JAVA), None)


def _release(java: Path) -> int:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    number = said.partition('"')[2].partition('"')[0].partition(".")[0]
    return int(number) if number.isdecimal() else 0


def jar() -> Path:
    """Return the file, fetched if need be; raises NotToBeHadError."""
    artifact = f"org.conductoross:conductor-server:{VERSION}:jar:boot"
    return fetch(artifact, _JAR.name, sha256=SHA256, folder=_KEPT)
