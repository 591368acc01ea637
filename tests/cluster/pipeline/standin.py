#!/usr/bin/python3
"""Stand-ins for what a cluster without a registry cannot have, in the images of the steps.

kaniko makes an image of the Python that is here and the context's folder `app`; syft and grype
write a list and read it; skopeo "pushes" to nowhere, and says the digest; cosign looks at its key.
Each says what it is, and fails where the real one would for lack of what it was given.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

PYTHON = Path("/usr/bin/python3").resolve()


def kaniko(flags: dict[str, str]) -> None:
    context = Path(flags["context"].removeprefix("dir://"))
    if not (context / flags["dockerfile"]).is_file():
        sys.exit(f"there is no {flags['dockerfile']}")
    told = subprocess.run(["/usr/bin/ldd", PYTHON], capture_output=True, text=True, check=True)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for file in (PYTHON, *map(Path, re.findall(r"(/\S+) \(0x", told.stdout))):
            tar.add(file.resolve(), str(file).lstrip("/"))
        tar.add(f"/usr/lib/{PYTHON.name}", f"usr/lib/{PYTHON.name}")
        tar.add(context / "app", "app")
    config = {
        "User": "10001:10001",
        "Env": ["PATH=/usr/bin", "PYTHONPATH=/app"],
        "Entrypoint": [str(PYTHON), "-m", f"bookstore.{flags['build-arg'].partition('=')[2]}"],
        "Cmd": ["serve"],
    }
    with tarfile.open(flags["tar-path"], "w") as image:
        add(image, "layer.tar", layer.getvalue())
        add(image, "config.json", json.dumps({"config": config}).encode())
        manifest = [{"Config": "config.json", "Layers": ["layer.tar"]}]
        add(image, "manifest.json", json.dumps(manifest).encode())


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def syft(words: list[str]) -> None:
    with tarfile.open(words[1].removeprefix("docker-archive:")) as image:
        names = image.getnames()
    target = Path(words[-1].removeprefix("cyclonedx-json="))
    target.write_text(json.dumps({"bomFormat": "CycloneDX", "components": names}))


def grype(words: list[str]) -> None:
    bill = json.loads(Path(words[0].removeprefix("sbom:")).read_text())
    sys.stdout.write(f"{len(bill['components'])} components, no known flaw\n")


def skopeo(words: list[str]) -> None:
    json.loads(Path(words[words.index("--authfile") + 1]).read_text())
    image = Path(words[-2].removeprefix("docker-archive:")).read_bytes()
    digest = f"sha256:{hashlib.sha256(image).hexdigest()}"
    Path(words[words.index("--digestfile") + 1]).write_text(f"{digest}\n")


def cosign(words: list[str], flags: dict[str, str]) -> None:
    if not Path(flags["key"]).read_text() or not os.environ["COSIGN_PASSWORD"]:
        sys.exit("no key")
    if not re.search(r"@sha256:[0-9a-f]{64}$", words[-1]):
        sys.exit(f"{words[-1]} is no digest")
    if words[0] == "attest":
        json.loads(Path(flags["predicate"]).read_text())


def main() -> None:
    name, words = Path(sys.argv[0]).name, sys.argv[1:]
    flags = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
    sys.stdout.write(f"a stand-in for {name}: {' '.join(words)}\n")
    match name:
        case "executor":
            kaniko(flags)
        case "syft":
            syft(words)
        case "grype":
            grype(words)
        case "skopeo":
            skopeo(words)
        case "cosign":
            cosign(words, flags)


main()
