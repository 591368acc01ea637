"""Gets what the ladder needs, programs and schemas, pinned: `python -m tools.delivery.install`.

The programs are built by `go install` into .make/tools, the schemas made of Kubernetes' own
specification and of the CRDs of those projects whose resources we write, into .make/schemas.
What cannot be had is told at the end, with exit code 1: no rung passes because its tool is away.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from tools.delivery.pins import CRDS, PROGRAMS, SPECIFICATION, SWAGGER, Module
from tools.delivery.strict import of_crd, of_specification

_MAKE: Final = Path(__file__).parents[2] / ".make"
TOOLS: Final = _MAKE / "tools"
SCHEMAS: Final = _MAKE / "schemas"
CRD_FILES: Final = _MAKE / "crds"
_GO: Final = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOBIN": str(TOOLS), "GOFLAGS": "-p=2"}


class _Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it, to whom a lone "=" is text."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda _loader, node: node.value)


def program(name: str) -> str:
    """Return the path of one of ours, or of one on PATH; raises FileNotFoundError."""
    own = TOOLS / name
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: make .make/delivery")
    return found


def main() -> None:
    """Install what is missing."""
    if shutil.which("go") is None:
        sys.exit("The ladder's programs are written in Go: Go 1.26 or newer is needed.")
    TOOLS.mkdir(parents=True, exist_ok=True)
    failed = [*_build()]
    try:
        _write_schemas()
    except (subprocess.CalledProcessError, ValueError) as error:
        failed.append(f"the schemas: {error}")
    if failed:
        sys.exit("NOT INSTALLED: " + "; ".join(failed))


def _build() -> Iterator[str]:
    for name, package in PROGRAMS.items():
        stamp = TOOLS / f".{name}"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == package:
            continue
        print(f"go install {package}", flush=True)  # noqa: T201 — it takes a minute
        done = subprocess.run(
            ["go", "install", package],  # noqa: S607 — whichever Go people have
            env=os.environ | _GO,
            cwd=_MAKE,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            yield f"{name} ({done.stderr.strip().splitlines()[-1]})"
        else:
            stamp.write_text(package, encoding="utf-8")


def _write_schemas() -> None:
    """Write a file per kind, where kubeconform looks for it (group/kind_version), and the CRDs."""
    made = SCHEMAS.with_suffix(".new")
    shutil.rmtree(made, ignore_errors=True)
    specification = next(_files(SPECIFICATION, SWAGGER))
    found = dict(of_specification(json.loads(specification)))
    for module, where in CRDS.items():
        for text in _files(module, where):
            for document in yaml.load_all(text, Loader=_Loader):
                found.update(of_crd(document or {}))
                _keep(document or {})
    for (group, version, kind), schema in found.items():
        file = made / group / f"{kind.lower()}_{version}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(schema), encoding="utf-8")
    shutil.rmtree(SCHEMAS, ignore_errors=True)
    made.rename(SCHEMAS)


def _keep(document: dict[str, Any]) -> None:
    """Keep a CRD as it is, for clusters that have it not."""
    if document.get("kind") == "CustomResourceDefinition":
        CRD_FILES.mkdir(exist_ok=True)
        file = CRD_FILES / f"{document['metadata']['name']}.yaml"
        file.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper), encoding="utf-8")


def _files(module: Module, where: str) -> Iterator[bytes]:
    """Yield a module's files; raises ValueError where it is not the one that is pinned."""
    done = subprocess.run(
        ["go", "mod", "download", "-json", module.name],  # noqa: S607 — as above
        env=os.environ | _GO,
        cwd=_MAKE,
        capture_output=True,
        text=True,
        check=False,  # it also fails for a module that wants a newer Go, but brings it
    )
    told = json.loads(done.stdout or "{}")
    if told.get("Sum") != module.sum:
        raise ValueError(f"{module.name}: {told.get('Error') or 'its checksum is another'}")
    with zipfile.ZipFile(told["Zip"]) as archive:
        for name in sorted(archive.namelist()):
            path = name.removeprefix(f"{module.name}/")
            if path.startswith(where) and path.endswith((".yaml", ".json")):
                yield archive.read(name)


if __name__ == "__main__":
    main()
