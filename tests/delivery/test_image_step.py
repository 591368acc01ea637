"""The step that starts what is in an image before anybody else may have it."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from tests.delivery.a_step import Step
from tools.servers.ports import free_port

PYTHON = Path("/usr/bin/python3")
SERVICE = """
import http.server, os
assert (os.getuid(), os.getgid(), os.getgroups()) == (10001, 10001, [])
assert os.environ["ROLE"] == "query" and os.environ["SERVICE_SECRET"]
open("mine", "w").close()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
host, port = os.environ["HTTP"].split(":")
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""
ENDS = "raise SystemExit('no such column')"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not PYTHON.exists(), reason="NOT TRIED: chroot takes root"
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file system that has Python and nothing else."""
    root = tmp_path_factory.mktemp("python")
    root.chmod(0o755)
    own = PYTHON.resolve()
    library = Path("/usr/lib") / own.name
    told = subprocess.run(["/usr/bin/ldd", own], capture_output=True, text=True, check=True).stdout
    for file in (own, *map(Path, re.findall(r"(/\S+) \(0x", told))):
        (root / file.parent.relative_to("/")).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, root / file.relative_to("/"))
    leave = shutil.ignore_patterns("__pycache__", "test", "config-*", "pydoc_data", "ensurepip")
    shutil.copytree(library, root / library.relative_to("/"), ignore=leave)
    return root


def image(folder: Path, python: Path, main: str, user: str = "10001:10001") -> Path:
    """Write what a builder would: two layers, a configuration and a manifest."""
    layers = []
    for number in (0, 1):
        layers.append(folder / f"layer-{number}.tar")
        with tarfile.open(layers[-1], "w") as tar:
            if number == 0:
                tar.add(python, ".")
            else:
                _add(tar, "app/bookstore/order/__main__.py", main.encode())
                _add(tar, "app/bookstore/.wh.catalog", b"")
    config = {
        "User": user,
        "Env": ["PATH=/usr/bin", "PYTHONPATH=/app"],
        "Entrypoint": [str(PYTHON.resolve()), "-m", "bookstore.order"],
        "Cmd": ["serve"],
    }
    file = folder / "image.tar"
    with tarfile.open(file, "w") as tar:
        for layer in layers:
            tar.add(layer, layer.name)
        _add(tar, "config.json", json.dumps({"config": config}).encode())
        manifest = [{"Config": "config.json", "Layers": [layer.name for layer in layers]}]
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    return file


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    tar.addfile(info, io.BytesIO(content))


def attempt(folder: Path, file: Path) -> "subprocess.CompletedProcess[str]":
    folder.joinpath("step").mkdir()
    step = Step(
        "kaniko",
        "try",
        folder / "step",
        params={"service": "order"},
        env={"IMAGE": str(file), "ROOT": str(folder / "root"), "PORT": str(free_port())},
    )
    return step.run()


def test_what_starts_and_answers_is_let_through(tmp_path: Path, python: Path) -> None:
    done = attempt(tmp_path, image(tmp_path, python, SERVICE))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "order is alive, as 10001:10001\n"
    assert not (tmp_path / "root").exists()


def test_what_ends_is_not(tmp_path: Path, python: Path) -> None:
    done = attempt(tmp_path, image(tmp_path, python, ENDS))
    assert done.returncode == 1
    assert "no such column" in done.stderr
    assert "ended with 1" in done.stderr


@pytest.mark.parametrize("user", ["", "root", "0:0", "10001"])
def test_nor_what_would_be_root(tmp_path: Path, python: Path, user: str) -> None:
    done = attempt(tmp_path, image(tmp_path, python, SERVICE, user))
    assert done.returncode == 1
    assert "has to be UID:GID, and not root" in done.stderr
