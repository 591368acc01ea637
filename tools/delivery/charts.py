"""The six charts, rendered as they are installed, and their own rung: render and lint."""

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tools.delivery.install import program
from tools.delivery.ladder import Check, Good, Missing, Rung
from tools.delivery.manifests import CHECKS
from tools.delivery.pins import KUBERNETES

CHARTS: Final = Path(__file__).parents[2] / "deploy/helm"
SERVICES: Final = ("catalog", "customer", "identity", "inventory", "order", "payment")
ROLES: Final = ("command", "query")
NAMESPACE: Final = "bookstore"
_LIBRARY: Final = "bookstore-common"


class RenderError(Exception):
    """Helm does not render a chart; says why, in Helm's words."""


def with_library(into: Path) -> Path:
    """Copy the charts to a folder, each with the library in it as Helm would put it there."""
    shutil.copytree(CHARTS, into, dirs_exist_ok=True)
    for service in SERVICES:
        shutil.copytree(CHARTS / _LIBRARY, into / service / "charts" / _LIBRARY)
    return into


@functools.lru_cache
def _workspace() -> Path:
    """Return where this process renders charts; it goes when the process does."""
    folder = tempfile.mkdtemp(prefix="charts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return with_library(Path(folder))


@functools.lru_cache(maxsize=256)
def render(service: str, role: str, values: str = "", *, instead: bool = False) -> str:
    """Return a release's manifests, with more values (as YAML) on top; raises RenderError.

    Where the values are `instead`, the role's own file is not read.
    """
    chart = _workspace() / service
    own = () if instead else (f"--values={chart / f'values-{role}.yaml'}",)
    place = (f"{service}-{role}", str(chart), f"--namespace={NAMESPACE}")
    return _helm("template", *place, *own, text=values)


@functools.lru_cache(maxsize=256)
def lint(service: str, role: str, values: str = "", *, instead: bool = False) -> None:
    """Have Helm look at a chart, strictly; raises RenderError."""
    chart = _workspace() / service
    own = () if instead else (f"--values={chart / f'values-{role}.yaml'}",)
    _helm("lint", "--strict", "--quiet", str(chart), *own, text=values)


def _helm(command: str, *arguments: str, text: str) -> str:
    try:
        helm = program("helm")
    except FileNotFoundError as missing:
        raise Missing(str(missing)) from missing
    done = subprocess.run(
        [helm, command, *arguments, f"--kube-version={KUBERNETES}.0", "--values=-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RenderError((done.stderr + done.stdout).strip())
    return done.stdout


def release(service: str, role: str, values: str = "") -> Good:
    """Return a release as it is rendered; an edit of it is an edit of the manifests."""

    def unlinted(text: str) -> Iterator[str]:
        yield from CHECKS[Rung.RENDER](text)
        yield from _complaint(lambda: lint(service, role, values))

    checks = {**CHECKS, Rung.RENDER: unlinted}
    return Good(f"release {service}-{role}", lambda: render(service, role, values), checks)


def values_of(service: str, role: str) -> Good:
    """Return the values a release is installed with; each rung looks at what they render to."""

    def unrendered(text: str) -> Iterator[str]:
        yield from _complaint(lambda: lint(service, role, text, instead=True))
        yield from _complaint(lambda: render(service, role, text, instead=True))

    checks: Mapping[Rung, Check] = {
        Rung.RENDER: unrendered,
        **{rung: _of_rendered(rung, service, role) for rung in CHECKS if rung > Rung.RENDER},
    }
    return Good(
        f"values of {service}-{role}",
        lambda: (CHARTS / service / f"values-{role}.yaml").read_text(encoding="utf-8"),
        checks,
    )


def _of_rendered(rung: Rung, service: str, role: str) -> Check:
    return lambda text: CHECKS[rung](render(service, role, text, instead=True))


def _complaint(action: Callable[[], object]) -> Iterator[str]:
    try:
        action()
    except RenderError as error:
        yield str(error)
