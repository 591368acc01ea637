"""A Docker, and our tree as it was when the tests began: it may be worked on meanwhile."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.engine import ROOT, Engine, NoDockerError, engine

COPIED = (".dockerignore", "requirements", "libs", "services", "deploy", "tools")


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    try:
        with engine() as running:
            yield running
    except NoDockerError as error:
        pytest.skip(f"NO IMAGE BUILT: {error}")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name)
        else:
            shutil.copy(place, folder / name)
    return folder


@pytest.fixture(scope="session")
def image(docker: Engine, source: Path) -> str:
    return docker.build("order", version="tested", source=source)


@pytest.fixture(scope="session")
def programs() -> dict[str, str]:
    """Return where cosign and crane are; the makefile builds them into .make/tools."""
    found = {}
    for name in ("cosign", "crane"):
        path = shutil.which(name, path=str(ROOT / ".make/tools")) or shutil.which(name)
        if path is None:
            pytest.skip(f"NOT SIGNED: {name} is not installed: make .make/signing")
        found[name] = path
    return found


@pytest.fixture
def key(tmp_path: Path, programs: dict[str, str]) -> Path:
    """Return a folder with a new pair of keys."""
    subprocess.run(
        [programs["cosign"], "generate-key-pair"],
        cwd=tmp_path,
        env={"COSIGN_PASSWORD": "", "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    return tmp_path
