"""Prints which installed packages a service does not need: `unneeded.py bookstore-order`.

Everything is installed from one lock file; an image keeps what its service asks for.
"""

import re
import sys
from importlib.metadata import Distribution, distributions


def main(root: str) -> None:
    """Print their names, one a line."""
    installed = {_plain(each.name): each for each in distributions()}
    needed, found = set[str](), [_plain(root)]
    while found:
        name = found.pop()
        if name not in needed and name in installed:
            needed.add(name)
            found.extend(_asked_for(installed[name]))
    sys.stdout.writelines(f"{name}\n" for name in sorted(installed.keys() - needed))


def _asked_for(package: Distribution) -> list[str]:
    """Return what it asks for on any machine; what an extra would add is for whoever asks."""
    lines = package.requires or []
    names = [re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line]
    return [_plain(name.group()) for name in names if name]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1])
