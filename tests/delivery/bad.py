"""Known-bad files: a good one with one edit, the rung that must refuse it, and in which words.

Each table (`bad_charts.py`, `bad_tekton.py`, …) is a list named BAD. `test_ladder.py` sees that
the good file climbs the whole ladder, that each bad one passes every rung below its own and is
refused there by name, and that no two are alike in kind and rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from tools.delivery.ladder import Good, Rung

Edit: TypeAlias = Callable[[str], str]
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Bad:
    """`kind` is the resource (or "values", "chart", "terraform", …), `rule` what is broken."""

    kind: str
    rule: str
    good: Good
    edit: Edit
    rung: Rung
    says: str

    @property
    def name(self) -> str:
        return f"{self.rung.value}-{self.kind}-{self.rule}".replace(" ", "-")

    def text(self) -> str:
        """Return the bad file; raises AssertionError where the edit changes nothing."""
        good = self.good.read()
        edited = self.edit(good)
        assert edited != good, f"{self.name}: the edit changes nothing"
        return edited


def swap(old: str, new: str) -> Edit:
    """Replace a piece of text that occurs exactly once."""

    def edit(text: str) -> str:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        return text.replace(old, new)

    return edit


def put(kind: str, path: str, value: object, *, name: str | None = None) -> Edit:
    """Set what is at `path`, such as "spec.template.spec.containers.0.image", in the first `kind`.

    Members that are missing on the way are made; an index equal to a list's length appends.
    A dot within a name is written as "~1".
    """

    def change(document: Json) -> None:
        *way, last = _steps(path)
        place: Any = document
        for step in way:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[int(step)]
        if isinstance(place, list):
            place[int(last) : int(last) + 1] = [value]
        else:
            place[last] = value

    return in_document(kind, change, name=name)


def drop(kind: str, path: str, *, name: str | None = None) -> Edit:
    """Take away what is at `path` in the first `kind`; path "" takes the whole document."""

    def change(document: Json) -> None:
        if not path:
            document.clear()
            return
        *way, last = _steps(path)
        place: Any = document
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        del place[int(last) if isinstance(place, list) else last]

    return in_document(kind, change, name=name)


def in_document(kind: str, change: Callable[[Json], None], *, name: str | None = None) -> Edit:
    """Change the first document of a kind (and of that name) of a file; kind "" is any."""

    def edit(text: str) -> str:
        documents = [document for document in yaml.safe_load_all(text) if document]
        document = next(
            document
            for document in documents
            if kind in {"", document.get("kind")}
            and name in {None, document.get("metadata", {}).get("name")}
        )
        change(document)
        left = [document for document in documents if document]
        return str(yaml.safe_dump_all(left, sort_keys=False, allow_unicode=True, width=1000))

    return edit


def _steps(path: str) -> list[str]:
    return [step.replace("~1", ".") for step in path.split(".")]
