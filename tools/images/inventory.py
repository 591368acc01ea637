"""Runs inside an image and tells what is in it, as JSON: Python's packages and the system's."""

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

_STATUS = Path("/var/lib/dpkg/status")
_RELEASE = Path("/etc/os-release")


def main() -> None:
    """Write it to the output."""
    python = {_plain(each.name): _described(each) for each in distributions()}
    json.dump({"python": python, "system": _system(), "release": _release()}, sys.stdout)


def _described(package: Distribution) -> dict[str, object]:
    asked = [line for line in package.requires or [] if "extra ==" not in line]
    names = [re.match(r"[\w.-]+", line) for line in asked]
    return {
        "version": package.version,
        "licence": "".join(package.metadata.get_all("License-Expression") or []),
        "needs": sorted({_plain(name.group()) for name in names if name}),
    }


def _system() -> dict[str, str]:
    """Return the versions of Debian's packages; none on another system."""
    text = _STATUS.read_text(encoding="utf-8") if _STATUS.exists() else ""
    found = {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Status|Version): (.+)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            found[fields["Package"]] = fields["Version"]
    return found


def _release() -> dict[str, str]:
    text = _RELEASE.read_text(encoding="utf-8") if _RELEASE.exists() else ""
    pairs = re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)
    return {key: value.strip('"') for key, value in pairs}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
