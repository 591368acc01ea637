"""The whole store of compose.yaml, started once: in the images it names, or what stands in."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.harness.engine import ROOT, Engine, NoDockerError, engine
from tests.harness.standins import OVERRIDE, stand_in
from tools.compose.told import SIX
from tools.servers import conductor, envoy, keycloak
from tools.servers.ports import free_port

STARTS_WITHIN_S = 900


@dataclass(frozen=True)
class Composed:
    """A store that Compose has started; `environment` is what Compose was told."""

    engine: Engine
    files: tuple[str, ...]
    environment: dict[str, str]
    secrets: Path
    url: str

    def compose(self, *words: str) -> "subprocess.CompletedProcess[str]":
        files = (f"--file={file}" for file in self.files)
        return self.engine.tried("compose", *files, *words, also=self.environment)

    def containers(self) -> list[Any]:
        """Return what Docker knows of each."""
        ids = self.compose("ps", "--all", "--quiet").stdout.split()
        known: list[Any] = json.loads(self.engine.docker("inspect", *ids))
        return known

    def inside(self, service: str, script: str) -> "subprocess.CompletedProcess[str]":
        return self.compose("exec", "--no-TTY", service, "sh", "-c", script)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    try:
        with engine() as docker:
            yield from _started(docker, tmp_path_factory.mktemp("compose") / "secrets")
    except NoDockerError as error:
        pytest.skip(f"NOT RUN UNDER COMPOSE: {error}")


def _started(docker: Engine, secrets: Path) -> Iterator[Composed]:
    subprocess.run([ROOT / "deploy/compose/secrets.sh", secrets], check=True)
    port, files = free_port(), [str(ROOT / "compose.yaml"), str(ROOT / "tests/compose/test.yaml")]
    if not docker.has_registry:
        reasons = (conductor.missing(), keycloak.missing(), envoy.missing())
        if reason := next(filter(None, reasons), None):
            raise NoDockerError(f"no registry is in reach, and {reason}")
        stand_in(docker)
        files.append(str(OVERRIDE))
    for service in SIX:
        docker.build(service, version="tested")
    told = {"SECRETS": str(secrets), "EDGE_PORT": str(port), "VERSION": "tested"}
    name = f"bookstore-test-{os.getpid()}"
    composed = Composed(
        docker,
        tuple(files),
        told | {"COMPOSE_PROJECT_NAME": name},
        secrets,
        f"http://127.0.0.1:{port}",
    )
    wait = ("--wait", f"--wait-timeout={STARTS_WITHIN_S}")
    try:
        up = composed.compose("up", "--detach", *wait, *_building(docker))
        assert up.returncode == 0, f"{up.stderr[-3000:]}\n{_logs(composed)}"
        yield composed
    finally:
        composed.compose("down", "--volumes", "--timeout", "30")


def _building(docker: Engine) -> list[str]:
    return ["--build"] if docker.has_registry else ["--no-build"]


def _logs(composed: Composed) -> str:
    shown = composed.compose("ps", "--all").stdout
    return f"{shown}\n{composed.compose('logs', '--tail', '15').stdout[-8000:]}"
