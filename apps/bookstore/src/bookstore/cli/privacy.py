"""The data folder is its owner's alone, even one that was made when it was not.

Its databases hold what people bought, how to reach them, and the keys that sign tokens.
"""

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077
_LOG: Final = logging.getLogger("bookstore.folder")


def close_to_others(folder: Path, ours: Iterable[str]) -> None:
    """Take from others what they may do with our files, which the patterns name.

    The folder itself is closed if there is nothing but ours in it: who keeps the data among
    others' files shares it. What belongs to somebody else, or cannot be changed, stays as it is.
    """
    patterns = tuple(ours)
    try:
        closed = sum(_close(path) for path in _found(folder.resolve(), patterns))
    except OSError:
        return
    if closed:
        _LOG.warning("%s was open to others: closed %d files and folders", folder, closed)


def _found(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    there = list(folder.iterdir())
    files = [path for path in there if any(map(path.match, patterns))]
    if len(files) == len(there):
        yield folder
    for path in files:
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from path.iterdir()


def _close(path: Path) -> bool:
    """Return whether others had rights to it, and have none any more."""
    try:
        found = path.lstat()
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or not mode & _OTHERS:
            return False
        path.chmod(mode & ~_OTHERS)
    except OSError:
        return False
    return True
