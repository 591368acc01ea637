"""An image as it is built: from what it needs, the same each time, and modest when it runs."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from tests.harness.engine import ROOT, Engine

MODEST = (
    *("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none"),
    *("--memory=128m", "--pids-limit=64", "--tmpfs=/tmp"),
)
COPIED = {"requirements", "libs", "services", "tools"}
KEEPS_OUT = (
    ".git/config",
    ".venv/bin/python",
    "deploy/compose/secrets/order_secret",
    "services/order/tests/test_secret.py",
    "services/order/.env",
    "libs/kit/src/bookstore/kit/__pycache__/cards.cpython-311.pyc",
    "libs/kit/build/lib/cards.py",
    "services/order/data/order.json",
    "services/order/src/bookstore/order/order.db",
)


def about(docker: Engine, image: str) -> Any:
    (known,) = json.loads(docker.docker("image", "inspect", image))
    return known


def test_two_builds_have_the_same_layers(docker: Engine, source: Path, image: str) -> None:
    again = docker.build("order", version="again", source=source, fresh=True)

    first, second = about(docker, image), about(docker, again)

    assert first["RootFS"]["Layers"] == second["RootFS"]["Layers"]


def test_a_build_is_given_nothing_but_what_it_needs(
    docker: Engine, source: Path, tmp_path: Path
) -> None:
    context = tmp_path / "context"
    shutil.copytree(source, context)
    for name in KEEPS_OUT:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("secret")
    docker.docker(
        *("build", "--quiet", "--tag", "bookstore-context:tested", "--file", "-", str(context)),
        given="FROM scratch\nCOPY . /context/\n",
    )
    made = docker.docker("create", "bookstore-context:tested", "nothing").strip()
    docker.docker("export", "--output", f"{tmp_path}/context.tar", made)
    docker.docker("rm", made)

    with tarfile.open(tmp_path / "context.tar") as tar:
        names = [name for name in tar.getnames() if name.startswith("context/")]
    given = {name.removeprefix("context/") for name in names}

    assert {name.partition("/")[0] for name in given} == COPIED
    assert "services/order/src/bookstore/order/app.py" in given
    assert given & {*KEEPS_OUT} == set()


def test_it_is_told_how_it_was_made_and_how_it_is(docker: Engine, image: str) -> None:
    config = about(docker, image)["Config"]

    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    labels = {
        name.removeprefix("org.opencontainers.image."): v for name, v in config["Labels"].items()
    }
    assert (labels["title"], labels["version"]) == ("bookstore-order", "tested")
    assert (labels["licenses"], labels["base.name"]) == ("Apache-2.0", docker.base())
    assert not [line for line in config["Env"] if "SECRET" in line or "PASSWORD" in line]


def test_it_runs_with_no_rights_at_all(docker: Engine, image: str) -> None:
    done = docker.tried("run", "--rm", *MODEST, image, "migrate")

    assert done.returncode == 2  # a database file in its own root, which is read-only
    assert "order: " in done.stderr

    moved = docker.tried(
        *("run", "--rm", *MODEST, "--env", "DATABASE_URL=sqlite:////tmp/order.db"),
        image,
        "migrate",
    )
    assert moved.returncode == 0, moved.stderr


def test_it_holds_the_service_and_no_more_than_that_needs(docker: Engine, image: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.images.sbom", image],
        env=docker.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = {each["name"] for each in json.loads(done.stdout)["components"]}

    assert {"bookstore-order", "bookstore-saga", "grpcio", "libc6"} <= names
    assert (
        names & {"bookstore-payment", "typer", "rich", "uv-build", "uv", "pip", "pytest"} == set()
    )
