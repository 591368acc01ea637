"""A real Keycloak on loopback: downloaded once, seeded once, copied and started for a test run.

What it needs is Java 17 or newer, and Maven for the download, whose checksum is below.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

from tools.servers.maven import fetch
from tools.servers.ports import free_port
from tools.servers.program import NotStartedError, Program, answers

VERSION: Final = "26.7.3"
SHA256: Final = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"
ADMIN: Final = ("admin", "the administrator's own password")
SERVICES: Final = ("identity", "catalog", "customer", "inventory", "order", "payment")
SECRETS: Final = {
    name: f"the secret of {name} of 32 characters".replace(" ", "-") for name in SERVICES
}

_ROOT: Final = Path(__file__).parents[2]
_KEPT: Final = _ROOT / ".make/servers"
_REALM: Final = _ROOT / "deploy/keycloak/realm.json"
_SCRIPT: Final = _ROOT / "deploy/keycloak/secrets.sh"
_READY_WITHIN: Final = 300
_THREADS: Final = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
_OPENED: Final = ("java.base/java.util", "java.base/java.util.concurrent", "java.base/java.lang")


def missing() -> str | None:
    """Say what a Keycloak needs and this machine has not, or None."""
    wanted = ("java",) if _unpacked().is_dir() else ("java", "mvn")
    absent = [program for program in wanted if shutil.which(program) is None]
    return f"{' and '.join(absent)} not found" if absent else None


@dataclass
class Keycloak:
    """A Keycloak whose data are in a folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    management_port: int = field(default_factory=free_port)
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = Program("Keycloak", self.folder / "keycloak.log")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def realm(self) -> str:
        """The issuer of its tokens."""
        return f"{self.url}/realms/bookstore"

    def start(self, *options: str, **environment: str) -> None:
        """Start it, and wait until it is ready."""
        self.program.start(
            [*self._java(), "start", "--optimized", *self._options(), *options],
            dict(os.environ) | environment,
        )
        health = f"http://127.0.0.1:{self.management_port}/health/ready"
        self.program.await_ready(lambda: answers(health), _READY_WITHIN)

    def stop(self) -> None:
        """End it, in good order if it can."""
        self.program.stop()

    @property
    def log(self) -> str:
        return self.program.said

    def _java(self) -> list[str]:
        return [
            *(
                "java",
                "-Xms64m",
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
            ),
            *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
            f"-Dkc.home.dir={self.folder}",
            f"-Djboss.server.config.dir={self.folder}/conf",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREADS}",
            *("-cp", f"{self.folder}/lib/quarkus-run.jar"),
            "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
        ]

    def _options(self) -> list[str]:
        return [
            "--http-enabled=true",
            "--http-host=127.0.0.1",
            f"--http-port={self.port}",
            f"--http-management-port={self.management_port}",
            "--hostname-strict=false",
            "--cache=local",
        ]


@contextmanager
def running_keycloak(folder: Path) -> Iterator[Keycloak]:
    """Run a Keycloak with our realm, the services' secrets and nobody in it, on a new folder."""
    with _one_at_a_time():
        seed = _seed()
    furnish(folder)
    shutil.copytree(seed, folder / "data/h2")
    server = Keycloak(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def furnish(folder: Path) -> None:
    """Make a home of its own for a Keycloak: all but the data is the installation's."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for part in ("lib", "conf", "providers", "themes"):
        (folder / part).unlink(missing_ok=True)
        (folder / part).symlink_to(installation() / part)


def first_start(server: Keycloak, secrets: Mapping[str, str], admin: tuple[str, str]) -> None:
    """Start one that has no data yet, give it the realm, and tell it the services' secrets."""
    (server.folder / "data/import").mkdir(exist_ok=True)
    shutil.copy(_REALM, server.folder / "data/import")
    user, password = admin
    server.start(
        "--import-realm",
        KC_BOOTSTRAP_ADMIN_USERNAME=user,
        KC_BOOTSTRAP_ADMIN_PASSWORD=password,
    )
    try:
        _run(
            "sh",
            str(_SCRIPT),
            KCADM=f"{installation()}/bin/kcadm.sh",
            KEYCLOAK_URL=server.url,
            KEYCLOAK_ADMIN=user,
            KEYCLOAK_ADMIN_PASSWORD=password,
            **{f"{name.upper()}_SECRET": secret for name, secret in secrets.items()},
        )
    except NotStartedError:
        server.stop()
        raise


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep other test runs on this machine from making the same meanwhile."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "keycloak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpacked() -> Path:
    return _KEPT / f"keycloak-{VERSION}"


def installation() -> Path:
    """Return the folder of a Keycloak that was downloaded, checked, unpacked and built."""
    if not _unpacked().is_dir():
        with TemporaryDirectory(dir=_KEPT) as name:
            _download(Path(name))
            made = Path(name) / _unpacked().name
            _run(f"{made}/bin/kc.sh", "build", "--db=dev-file", "--health-enabled=true")
            made.rename(_unpacked())
    return _unpacked()


def _download(folder: Path) -> None:
    """Fetch the archive, and unpack it."""
    archive = fetch(
        f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip",
        f"keycloak-quarkus-dist-{VERSION}.zip",
        sha256=SHA256,
        folder=folder,
    )
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    for script in folder.glob("*/bin/*.sh"):
        script.chmod(0o755)


def _seed() -> Path:
    """Return the data of a Keycloak that has imported the realm and was told the secrets."""
    told = _REALM.read_bytes() + _SCRIPT.read_bytes() + repr((SECRETS, ADMIN)).encode()
    kept = _KEPT / f"keycloak-{VERSION}-{hashlib.sha256(told).hexdigest()[:12]}"
    if not kept.is_dir():
        with TemporaryDirectory(dir=_KEPT) as name:
            server = Keycloak(Path(name) / "home")
            furnish(server.folder)
            first_start(server, SECRETS, ADMIN)
            server.stop()
            (server.folder / "data/h2").rename(kept)
    return kept


def _run(*command: str, **environment: str) -> None:
    """Run a command that others are not to be slowed down by; it must succeed."""
    done = subprocess.run(
        ("/usr/bin/env", "nice", *command),
        env=dict(os.environ) | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise NotStartedError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
