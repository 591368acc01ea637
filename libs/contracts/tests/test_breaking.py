"""What would break a client is named; what would not is no news."""

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tools import breaking
from tools.breaking import BUNDLES, Comparison, RevisionError, chosen, compare

from libs.contracts.tests.flawed import SOUND, operation, thing

BEFORE = deepcopy(SOUND)
operation(BEFORE)["responses"]["200"] = {
    "description": "The thing.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}},
}

Change = Callable[[dict[str, Any]], object]


def property_of(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: thing(document)["properties"][name]


BREAKS: dict[str, Change] = {
    "PUT /things/{id}: is gone": lambda now: now["paths"]["/things/{id}"].pop("put"),
    "PUT /things/{id}: no longer for manage": lambda now: operation(now).update(
        {"x-roles": ["system"]}
    ),
    "PUT /things/{id}: colours[] is gone": lambda now: operation(now)["parameters"].pop(),
    "PUT /things/{id}: colours[] is needed now": lambda now: operation(now)["parameters"][
        1
    ].update(required=True),
    "PUT /things/{id}: colours[] has maxItems 3 now": lambda now: operation(now)["parameters"][1][
        "schema"
    ].update(maxItems=3),
    "PUT /things/{id}: takes no application/json any more": lambda now: operation(now)[
        "requestBody"
    ].update(content={"text/csv": {"schema": {"type": "string"}}}),
    "PUT /things/{id}: /title has minLength 2 now": lambda now: property_of("title")(now).update(
        minLength=2
    ),
    "PUT /things/{id}: /title is integer now": lambda now: property_of("title")(now).update(
        type="integer"
    ),
    "PUT /things/{id}: /code has another pattern": lambda now: property_of("code")(now).update(
        pattern="^[a-z]{3}$"
    ),
    "PUT /things/{id}: /code may not be null now": lambda now: property_of("code")(now).pop(
        "nullable"
    ),
    "PUT /things/{id}: /colour may not be blue now": lambda now: now["components"]["schemas"][
        "Colour"
    ].update(enum=["red"]),
    "PUT /things/{id}: /code is gone": lambda now: thing(now)["properties"].pop("code"),
    "PUT /things/{id}: /code is needed now": lambda now: thing(now)["required"].append("code"),
    "PUT /things/{id}: answers 200 no more": lambda now: operation(now)["responses"].pop("200"),
    "PUT /things/{id}: 200 /title may be null now": lambda now: property_of("title")(now).update(
        nullable=True
    ),
    "PUT /things/{id}: 200 /code is gone": lambda now: thing(now)["properties"].pop("code"),
}

HARMLESS: dict[str, Change] = {
    "nothing": lambda _now: None,
    "for more roles": lambda now: operation(now)["x-roles"].append("system"),
    "for everybody": lambda now: operation(now).update({"x-roles": ["public"]}),
    "longer titles": lambda now: property_of("title")(now).update(maxLength=99),
    "another colour": lambda now: now["components"]["schemas"]["Colour"]["enum"].append("green"),
    "another property": lambda now: thing(now)["properties"].update(
        size={"type": "integer", "nullable": True}
    ),
    "another operation": lambda now: now["paths"].update({"/new": {"get": operation(now)}}),
}


@pytest.mark.parametrize("sentence", BREAKS)
def test_a_break_is_named(sentence: str) -> None:
    now = deepcopy(BEFORE)
    BREAKS[sentence](now)
    assert sentence in list(Comparison(BEFORE, now).breaks())


@pytest.mark.parametrize("change", HARMLESS)
def test_what_breaks_nobody_is_no_news(change: str) -> None:
    now = deepcopy(BEFORE)
    HARMLESS[change](now)
    assert list(Comparison(BEFORE, now).breaks()) == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose branch main has one service."""
    (tmp_path / BUNDLES).mkdir(parents=True)
    (tmp_path / BUNDLES / "shop.json").write_text(json.dumps(BEFORE))
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    git(tmp_path, *who, "commit", "--quiet", "--message", "feat: sell things")
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)  # noqa: S607 — the one in PATH


def test_it_compares_with_what_is_published_if_anything_is(repository: Path) -> None:
    assert chosen(repository, None) == "main"
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert chosen(repository, None) == "origin/main"
    assert chosen(repository, "HEAD") == "HEAD"


@pytest.mark.parametrize("revision", ["nosuch", "--all", "HEAD~7"])
def test_a_revision_that_is_not_there_is_no_comparison(repository: Path, revision: str) -> None:
    with pytest.raises(RevisionError, match="git fetch origin main"):
        chosen(repository, revision)


def test_it_says_what_it_compared(repository: Path) -> None:
    now = deepcopy(BEFORE)
    now["paths"]["/things/{id}"].pop("put")
    (repository / BUNDLES / "shop.json").write_text(json.dumps(now))
    (repository / BUNDLES / "new.json").write_text(json.dumps(BEFORE))
    assert compare(repository, "main") == (
        ["shop: PUT /things/{id}: is gone"],
        "compared with main: 1 operations of 1 services, 0 messages of 0 protos",
    )


def test_the_command_ends_with_2_if_there_is_nothing_to_compare_with() -> None:
    done = subprocess.run(
        [sys.executable, breaking.__file__, "nosuch"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "git knows no revision nosuch" in done.stderr
