"""Rung 2: kubeconform, strict, with the schemas of Kubernetes and of every CRD we use."""

import json
import subprocess
from collections.abc import Iterator
from typing import Final

from tools.delivery.install import SCHEMAS, program
from tools.delivery.ladder import Missing

_WHERE: Final = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json"


def refused_by_schema(text: str) -> Iterator[str]:
    """Say what of a text's resources their schemas refuse; a kind without a schema is refused."""
    try:
        kubeconform = program("kubeconform")
    except FileNotFoundError as missing:
        raise Missing(str(missing)) from missing
    if not SCHEMAS.is_dir():
        raise Missing("the schemas are not made: make .make/delivery")
    done = subprocess.run(
        [kubeconform, "-strict", "-output", "json", "-schema-location", f"{SCHEMAS}/{_WHERE}"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        raise Missing(f"kubeconform: {done.stderr.strip()}")
    for found in json.loads(done.stdout)["resources"]:
        yield f"{found['kind']} {found['name']}: {found['msg']}"
