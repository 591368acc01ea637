"""What Maven's repository has, fetched once and believed only by its checksum."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_WITHIN: Final = 900  # seconds for half a gigabyte


class NotToBeHadError(Exception):
    """The repository did not give us the artifact; what needs it cannot be tried here."""


class WrongArtifactError(Exception):
    """It gave us something else under the artifact's name."""


def fetch(artifact: str, file: str, *, sha256: str, folder: Path) -> Path:
    """Return the artifact (`group:name:version:type[:classifier]`) as a file of the folder."""
    wanted = folder / file
    if wanted.is_file():
        return wanted
    folder.mkdir(parents=True, exist_ok=True)
    maven = shutil.which("mvn")
    if maven is None:
        raise NotToBeHadError("Maven (mvn) was not found")
    asked = ("-q", "-B", _COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")
    try:
        done = subprocess.run(
            ["/usr/bin/env", "nice", maven, *asked],
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
        )
    except subprocess.TimeoutExpired as error:
        raise NotToBeHadError(f"{artifact} did not come within {_WITHIN} s") from error
    if done.returncode != 0:
        raise NotToBeHadError(f"{artifact} cannot be fetched: {done.stdout[-500:].strip()}")
    with wanted.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != sha256:
        wanted.unlink()
        raise WrongArtifactError(f"{file} has the checksum {found}, not {sha256}")
    return wanted
