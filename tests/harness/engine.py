"""A Docker to test with: the one that is running, or else one of our own, which is ended again.

Its data stay in .make/docker, so that what was built once is not built again. Where no registry is
in reach, Debian stands in for the images that would come from there: its own servers, started as
those images start theirs (tests/delivery/standins).
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.harness.plugins import plugins

ROOT: Final = Path(__file__).parents[2]
_KEPT: Final = ROOT / ".make/docker"
_NOTHING: Final[Mapping[str, str]] = {}
_READY_WITHIN_S: Final = 60
_FROM_A_REGISTRY: Final = "python:3.13-slim-trixie"
_DATABASES: Final = "mariadb-server-core,mariadb-client-core,postgresql-15,curl,ca-certificates"
_DEBIANS: Final = {  # by tag: the release, and what is in it
    "python": ("trixie", "python3,python3-venv,ca-certificates"),
    "databases": ("bookworm", _DATABASES),
    "java": ("trixie", "openjdk-21-jre-headless,curl,ca-certificates"),
}
_AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"  # this machine's may be its own


class NoDockerError(Exception):
    """There is no Docker, and none can be started: why."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A Docker at an address."""

    address: str
    has_registry: bool
    told: Mapping[str, str]  # in the environment, where its plugins are ours

    @property
    def environment(self) -> dict[str, str]:
        """Return what a command must be told to speak to it."""
        said = {"DOCKER_HOST": self.address, "DOCKER_BUILDKIT": "1"}
        return dict(os.environ) | said | dict(self.told)

    def docker(self, *words: str, given: str | None = None) -> str:
        """Run a command of Docker's and return what it says; raises AssertionError."""
        done = self.tried(*words, given=given)
        if done.returncode:
            raise AssertionError(f"docker {' '.join(words)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def tried(
        self, *words: str, given: str | None = None, also: Mapping[str, str] = _NOTHING
    ) -> "subprocess.CompletedProcess[str]":
        """Run one that may fail, with `also` in its environment."""
        return subprocess.run(
            ["docker", *words],  # noqa: S607 — whichever Docker people have
            env=self.environment | dict(also),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def base(self) -> str:
        """Return the image that ours are built on."""
        return _FROM_A_REGISTRY if self.has_registry else self.debian("python")

    def debian(self, tag: str) -> str:
        """Return an image that is made of Debian's packages, the first time it is asked for."""
        image = f"bookstore-debian:{tag}"
        if self.tried("image", "inspect", image).returncode:
            if shutil.which("mmdebstrap") is None:
                raise NoDockerError("no registry is in reach, and mmdebstrap is not installed")
            release, packages = _DEBIANS[tag]
            with TemporaryDirectory(dir=_KEPT) as folder:
                tar = f"{folder}/{tag}.tar"
                subprocess.run(
                    [
                        *("nice", "mmdebstrap", "--quiet", "--variant=minbase"),
                        f"--include={packages}",
                        f"--customize-hook=copy-in {_AUTHORITIES} {Path(_AUTHORITIES).parent}",
                        *(release, tar),
                    ],
                    check=True,
                )
                self.docker("import", "--change", f"ENV SSL_CERT_FILE={_AUTHORITIES}", tar, image)
        return image

    def build(
        self, service: str, *, version: str, source: Path = ROOT, fresh: bool = False
    ) -> str:
        """Build one of our images, from the very beginning if need be, and return its name."""
        image = f"bookstore-{service}:{version}"
        arguments = [f"SERVICE={service}", f"VERSION={version}", f"BASE={self.base()}"]
        self.docker(
            *("build", "--quiet", "--network", "host", "--tag", image),
            *(["--no-cache"] if fresh else []),
            *(word for argument in arguments for word in ("--build-arg", argument)),
            *("--file", f"{source}/deploy/docker/Dockerfile", str(source)),
        )
        return image


@contextmanager
def engine() -> Iterator[Engine]:
    """Use the Docker that runs, or run one until the block ends; raises NoDockerError."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    if shutil.which("docker") is None:
        raise NoDockerError("docker is not installed")
    try:
        told = plugins(_KEPT)
    except FileNotFoundError as error:
        raise NoDockerError(str(error)) from error
    given = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if _answers(given):
        yield Engine(given, _has_registry(given), told)
        return
    if shutil.which("dockerd") is None or os.geteuid() != 0:
        raise NoDockerError("no Docker is running, and we cannot start one")
    with (
        TemporaryDirectory(prefix="bookstore-docker-") as folder,
        open(  # noqa: PTH123 — a log
            f"{folder}/log", "wb"
        ) as log,
    ):
        address = f"unix://{folder}/socket"
        places = {"data-root": _KEPT / "data", "exec-root": f"{folder}/exec"}
        command = [
            *("dockerd", "--oom-score-adjust=0", f"--host={address}", f"--pidfile={folder}/pid"),
            *(f"--{name}={place}" for name, place in places.items()),
        ]
        daemon = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await(address, daemon, Path(folder) / "log")
            yield Engine(address, _has_registry(address), told)
        finally:
            daemon.terminate()
            daemon.wait(timeout=60)


def _answers(address: str) -> bool:
    asked = ["docker", "--host", address, "version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _has_registry(address: str) -> bool:
    asked = ["docker", "--host", address, "pull", "--quiet", _FROM_A_REGISTRY]
    try:
        return subprocess.run(asked, capture_output=True, check=False, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _await(address: str, daemon: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while not _answers(address):
        if daemon.poll() is not None or time.monotonic() > end:
            daemon.terminate()
            daemon.wait()
            raise NoDockerError(
                f"dockerd does not start: {log.read_text(errors='replace')[-800:]}"
            )
        time.sleep(0.3)
