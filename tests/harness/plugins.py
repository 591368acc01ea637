"""Compose and buildx for a Docker that came without: Debian's, unpacked and nowhere installed."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

_RELEASE: Final = "trixie"
_PACKAGES: Final = ("docker-compose", "docker-buildx")
_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_SOURCE: Final = f"deb [signed-by={_KEYRING}] http://deb.debian.org/debian {_RELEASE} main\n"
_WHERE: Final = "usr/libexec/docker/cli-plugins"


def plugins(folder: Path) -> dict[str, str]:
    """Return what must be in the environment for `docker compose` to be there; nothing, if it is.

    What is fetched stays in the folder. Raises FileNotFoundError where this is no Debian.
    """
    if _has_compose({}):
        return {}
    told = {"DOCKER_CONFIG": str(folder)}
    if not _has_compose(told):
        _fetch(folder)
    return told


def _has_compose(told: dict[str, str]) -> bool:
    asked = ["docker", "compose", "version"]
    done = subprocess.run(asked, env=os.environ | told, capture_output=True, check=False)
    return done.returncode == 0


def _fetch(folder: Path) -> None:
    """Have apt fetch the packages of a newer Debian, with a root of its own."""
    if shutil.which("apt-get") is None or not _KEYRING.exists():
        raise FileNotFoundError("docker compose is not installed")
    root = folder / "apt"
    for part in ("etc/apt/preferences.d", "var/lib/apt/lists/partial", "var/lib/dpkg"):
        (root / part).mkdir(parents=True, exist_ok=True)
    (root / "var/cache/apt/archives/partial").mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/status").touch()
    (root / "etc/apt/sources.list").write_text(_SOURCE)
    options = (f"Dir={root}", f"Dir::State::status={root}/var/lib/dpkg/status")
    apt = ["apt-get", "--quiet=2", *(f"--option={option}" for option in options)]
    if os.geteuid() == 0:
        apt.append("--option=APT::Sandbox::User=root")
    subprocess.run([*apt, "update"], check=True, cwd=root)
    subprocess.run([*apt, "download", *_PACKAGES], check=True, cwd=root)
    for package in root.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)  # noqa: S607 — Debian's
    shutil.copytree(root / _WHERE, folder / "cli-plugins", dirs_exist_ok=True)
    shutil.rmtree(root)
