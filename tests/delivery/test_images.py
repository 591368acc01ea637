"""The Dockerfiles: hadolint finds nothing in them, and something in what is worse."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ROOT / "deploy/docker/Dockerfile"
DOCKERFILES = [
    OURS,
    ROOT / "deploy/docker/keycloak.Dockerfile",
    ROOT / "tests/compose/standins/Dockerfile",
]


def found(text: str) -> str:
    """Return what hadolint says of a Dockerfile."""
    program = shutil.which("hadolint", path=str(ROOT / ".venv/bin"))
    if program is None:
        pytest.skip("NOT LINTED: hadolint is not installed: make .make/images")
    done = subprocess.run(
        [program, "--no-color", "-"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == bool(done.stdout), done.stderr
    return done.stdout


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name + file.name)
def test_a_dockerfile_is_as_it_should_be(file: Path) -> None:
    assert found(file.read_text()) == ""


BAD = [
    (
        "ARG BASE=python:3.13-slim-trixie\n\nFROM ${BASE} AS build",
        "FROM python AS build",
        "DL3006",
    ),
    ("FROM ${BASE}\nARG SERVICE", "FROM python:latest\nARG SERVICE", "DL3007"),
    ("USER 10001:10001", "USER root", "DL3002"),
    ("USER 10001:10001", "WORKDIR data", "DL3000"),
    ("EXPOSE 8080 9080", "EXPOSE 80800", "DL3011"),
    ("EXPOSE 8080 9080", "RUN sudo useradd store", "DL3004"),
    ("EXPOSE 8080 9080", "RUN apt-get update && apt-get install -y curl", "DL3008"),
    ("EXPOSE 8080 9080", "RUN pip install bookstore", "DL3013"),
    ("COPY --from=build", "COPY --from=builder", "DL3022"),
    ("COPY libs libs", "ADD libs libs", "DL3020"),
    ('CMD ["serve"]', "CMD serve", "DL3025"),
    ('CMD ["serve"]', 'CMD ["serve"]\nCMD ["work"]', "DL4003"),
    ("COPY libs libs", "RUN rm -rf $HOME", "SC2086"),
]


@pytest.mark.parametrize(("good", "bad", "rule"), BAD, ids=[f"{b[2]}-{b[1][:20]}" for b in BAD])
def test_a_worse_one_is_refused(good: str, bad: str, rule: str) -> None:
    text = OURS.read_text()
    assert text.count(good) == 1, f"{good} is there {text.count(good)} times"

    assert rule in found(text.replace(good, bad))


INSIDE = {
    "python": {
        "bookstore-order": {
            "version": "0.1.0",
            "licence": "Apache-2.0",
            "needs": ["httpx", "gone"],
        },
        "httpx": {"version": "0.28.1", "licence": "", "needs": []},
    },
    "system": {"libc6": "2.41-12"},
    "release": {"ID": "debian", "VERSION_ID": "13"},
}
IMAGE = {
    "Id": "sha256:" + "0" * 64,
    "Created": "2026-01-01T00:00:00.123456789Z",
    "RootFS": {"Layers": ["sha256:" + "1" * 64]},
}


def test_a_bill_of_materials_is_valid_and_the_same_each_time() -> None:
    sbom = pytest.importorskip("tools.images.sbom", reason="NOT VALIDATED: make .make/images")
    schema = pytest.importorskip("cyclonedx.schema")
    validation = pytest.importorskip("cyclonedx.validation.json")

    made = sbom.bill("bookstore-order:0.1.0", IMAGE, INSIDE)

    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    assert validator.validate_str(made) is None
    assert validator.validate_str(made.replace('"library"', '"book"')) is not None
    assert made == sbom.bill("bookstore-order:0.1.0", IMAGE, INSIDE)
    assert "pkg:deb/debian/libc6@2.41-12?distro=debian-13" in made
