"""Writes an image's bill of materials (CycloneDX 1.6): `python -m tools.images.sbom IMAGE`.

What is in it is asked of the image itself, so it holds for what runs and not for what was meant.
The same image has the same bill, to the byte.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

Json: TypeAlias = dict[str, Any]

_ASKS: Final = Path(__file__).with_name("inventory.py")
_DOCKER: Final = os.environ.get("DOCKER", "docker")
_RUN: Final = ("run", "--rm", "--interactive", "--network", "none", "--read-only")


def bill(tag: str, image: Json, inventory: Json) -> str:
    """Return the bill of an image, as `docker image inspect` and our inventory tell of it."""
    bom = Bom()
    name, _, version = tag.rpartition(":")
    bom.serial_number = uuid5(NAMESPACE_URL, image["Id"])
    bom.metadata.timestamp = datetime.fromisoformat(image["Created"]).astimezone(UTC)
    bom.metadata.component = Component(
        name=name,
        version=version,
        type=ComponentType.CONTAINER,
        bom_ref=name,
        hashes=[HashTypeFactory().from_composite_str(image["Id"])],
        properties=[Property(name="docker:layer", value=layer) for layer in _layers(image)],
    )
    python = {name: _python(name, told) for name, told in inventory["python"].items()}
    release = inventory["release"]
    system = [_system(name, version, release) for name, version in inventory["system"].items()]
    bom.components.update(python.values())
    bom.components.update(system)
    bom.register_dependency(bom.metadata.component, [*python.values(), *system])
    for name, told in inventory["python"].items():
        bom.register_dependency(python[name], [python[n] for n in told["needs"] if n in python])
    return f"{JsonV1Dot6(bom).output_as_string(indent=2)}\n"


def _python(name: str, told: Json) -> Component:
    url = PackageURL("pypi", None, name, told["version"])
    licence = told["licence"]
    return Component(
        name=name,
        version=told["version"],
        type=ComponentType.LIBRARY,
        purl=url,
        bom_ref=url.to_string(),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else None,
    )


def _system(name: str, version: str, release: Json) -> Component:
    system = release.get("ID", "debian")
    distribution = {"distro": f"{system}-{release.get('VERSION_ID', '')}".rstrip("-")}
    url = PackageURL("deb", system, name, version, distribution)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, purl=url, bom_ref=url.to_string()
    )


def _layers(image: Json) -> list[str]:
    layers: list[str] = image["RootFS"]["Layers"]
    return layers


def main(image: str) -> None:
    """Ask Docker for the image and what is in it, and write the bill to the output."""
    (about,) = json.loads(_docker("image", "inspect", image))
    inside = _docker(*_RUN, "--entrypoint", "python3", image, "-", given=_ASKS.read_text("utf-8"))
    sys.stdout.write(bill(image, about, json.loads(inside)))


def _docker(*words: str, given: str | None = None) -> str:
    command = [_DOCKER, *words]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
