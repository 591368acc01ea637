"""What Kustomize makes of our folders, and Helm of infra/charts, on the ladder."""

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml
from tools.delivery.install import program
from tools.delivery.ladder import Check, Good, Missing, Rung
from tools.delivery.manifests import CHECKS, documents
from tools.delivery.pins import KUBERNETES

ROOT: Final = Path(__file__).parents[2]
CHARTS: Final = ROOT / "infra/charts"
_MODULES: Final = ROOT / "infra/terraform/modules"
_OBSERVABILITY: Final = ROOT / "deploy/observability"


class RenderError(Exception):
    """A renderer's own words for why there is nothing."""


@functools.lru_cache
def kustomized(folder: str) -> str:
    """Return what `kubectl apply -k` would apply of a folder; raises RenderError."""
    return _run("kustomize", "build", str(ROOT / folder))


def part(name: str, folder: str, kinds: Collection[str] = (), *, below: Rung = Rung.MESH) -> Good:
    """Return those kinds of a folder (or all), looked at by the rungs below one."""

    def read() -> str:
        found = documents(kustomized(folder))
        chosen = [one for one in found if not kinds or one["kind"] in kinds]
        return str(yaml.safe_dump_all(chosen, sort_keys=False, allow_unicode=True, width=1000))

    return Good(name, read, {rung: check for rung, check in CHECKS.items() if rung < below})


def kustomization(folder: str) -> Good:
    """Return a folder's kustomization.yaml: it can be built, or not."""

    def unbuilt(text: str) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(ROOT / folder, copy)
            (copy / "kustomization.yaml").write_text(text, encoding="utf-8")
            try:
                _run("kustomize", "build", str(copy))
            except RenderError as error:
                yield str(error)

    file = ROOT / folder / "kustomization.yaml"
    return Good(
        f"{folder}/kustomization.yaml",
        lambda: file.read_text(encoding="utf-8"),
        {Rung.RENDER: unbuilt},
    )


# What Terraform's modules give to the charts besides the values that are beside these.
_GIVEN: Final[Mapping[str, Mapping[str, object]]] = {
    "mysql": {"files": {"databases.sh": _MODULES / "mysql/databases.sh"}},
    "postgres": {"files": {"databases.sh": _MODULES / "postgres/databases.sh"}},
    "conductor": {"files": {"conductor.properties": ROOT / "deploy/compose/conductor.properties"}},
    "keycloak": {
        "files": {
            "realm.json": ROOT / "deploy/keycloak/realm.json",
            "secrets.sh": ROOT / "deploy/keycloak/secrets.sh",
            "clients.sh": _MODULES / "keycloak/clients.sh",
        }
    },
    "issuers": {"letsencrypt": {"email": "people@bookstore.example"}},
    "monitoring": {
        "rules": _OBSERVABILITY / "alerts.yaml",
        "dashboard": _OBSERVABILITY / "dashboard.json",
    },
}
SERVERS: Final = ("mysql", "postgres", "conductor", "keycloak")
_NAMESPACES: Final = {"foundation": "default", "issuers": "cert-manager"}


@functools.lru_cache
def rendered(name: str, values: str | None = None) -> str:
    """Return the manifests of one of our charts, or of a server's; raises RenderError."""
    chart = "server" if name in SERVERS else name
    own = (CHARTS / chart / f"{name if name in SERVERS else 'values'}.yaml").read_text("utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        for number, text in enumerate((own if values is None else values, _given(name))):
            (Path(scratch) / f"{number}.yaml").write_text(text, encoding="utf-8")
        return _run(
            *("helm", "template", name, str(CHARTS / chart)),
            f"--namespace={_NAMESPACES.get(name, name)}",
            f"--kube-version={KUBERNETES}.0",
            *(f"--values={Path(scratch) / f'{number}.yaml'}" for number in (0, 1)),
        )


def chart(name: str) -> Good:
    """Return one of our charts as it is rendered."""
    return Good(f"chart {name}", lambda: rendered(name), CHECKS)


def values_of(name: str) -> Good:
    """Return a server's values: each rung looks at what they render to."""

    def unrendered(text: str) -> Iterator[str]:
        try:
            yield from CHECKS[Rung.RENDER](rendered(name, text))
        except RenderError as error:
            yield str(error)

    above: Mapping[Rung, Check] = {
        rung: _of_rendered(rung, name) for rung in CHECKS if rung > Rung.RENDER
    }
    file = CHARTS / ("server" if name in SERVERS else name) / f"{name}.yaml"
    if name not in SERVERS:
        file = file.with_name("values.yaml")
    return Good(
        f"values of {name}",
        lambda: file.read_text(encoding="utf-8"),
        {Rung.RENDER: unrendered, **above},
    )


def _of_rendered(rung: Rung, name: str) -> Check:
    return lambda text: CHECKS[rung](rendered(name, text))


def _given(name: str) -> str:
    def read(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: read(inner) for key, inner in value.items()}
        return value.read_text(encoding="utf-8") if isinstance(value, Path) else value

    return json.dumps(read(_GIVEN.get(name, {})))


def _run(name: str, *arguments: str) -> str:
    try:
        command = [program(name), *arguments]
    except FileNotFoundError as missing:
        raise Missing(str(missing)) from missing
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RenderError((done.stderr + done.stdout).strip())
    return done.stdout
