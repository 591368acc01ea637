"""Signatures: one holds for the image that was signed, and for no other."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.harness.engine import ROOT, Engine
from tools.servers.ports import free_address

SIGN = ROOT / "deploy/docker/sign.sh"


@pytest.fixture
def registry(programs: dict[str, str]) -> Iterator[str]:
    """Run a registry on loopback until the test ends."""
    address = free_address()
    server = subprocess.Popen(
        [programs["crane"], "registry", "serve", "--address", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    transport = httpx.HTTPTransport(retries=8)
    with httpx.Client(transport=transport) as client:
        client.get(f"http://{address}/v2/")
    yield address
    server.terminate()
    server.wait()


def signed(
    docker: Engine, programs: dict[str, str], *words: str
) -> "subprocess.CompletedProcess[str]":
    told = {"COSIGN": programs["cosign"], "COSIGN_PASSWORD": ""}
    return subprocess.run(
        [SIGN, *words],
        env=docker.environment | told | {"HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_signed_file_is_verified_and_a_changed_one_refused(
    docker: Engine, image: str, key: Path, programs: dict[str, str]
) -> None:
    folder = str(key / "signed")
    made = signed(docker, programs, "sign", f"{key}/cosign.key", image, folder)
    good = signed(docker, programs, "verify", f"{key}/cosign.pub", image, folder)
    with (key / "signed/bookstore-order-tested.tar").open("r+b") as tar:
        tar.seek(5000)
        tar.write(b"changed")
    bad = signed(docker, programs, "verify", f"{key}/cosign.pub", image, folder)

    assert (made.returncode, good.returncode) == (0, 0), made.stderr + good.stderr
    assert bad.returncode != 0
    assert "invalid signature" in bad.stderr


def test_a_pushed_image_is_signed_by_its_digest(
    docker: Engine, image: str, key: Path, programs: dict[str, str], registry: str
) -> None:
    pushed = f"{registry}/{image}"
    docker.docker("tag", image, pushed)
    docker.docker("push", "--quiet", pushed)
    made = signed(docker, programs, "sign", f"{key}/cosign.key", pushed)
    good = signed(docker, programs, "verify", f"{key}/cosign.pub", pushed)
    docker.docker("rmi", pushed)
    docker.docker("build", "--quiet", "--tag", pushed, "-", given=f"FROM {image}\nUSER root\n")
    docker.docker("push", "--quiet", pushed)  # the same name, and another image
    bad = signed(docker, programs, "verify", f"{key}/cosign.pub", pushed)
    docker.docker("rmi", pushed)

    assert (made.returncode, good.returncode) == (0, 0), made.stderr + good.stderr
    assert bad.returncode != 0
    assert "no signatures found" in bad.stderr
