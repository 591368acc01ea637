"""Specifications that promise what cannot be kept, or let anybody in, are refused."""

import json
import os
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tools.contracts.annotate import annotate
from tools.contracts.openapi import specification
from tools.contracts.process import NODE, ROOT, GenerationError
from tools.generate import differences, replace

from libs.contracts.tests.flawed import ANNOTATED, LINTED, REFUSED, SOUND, flawed


def lint(directory: Path, specifications: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """Return the rules that each specification breaks, by its name; one run for all."""
    names = {f"{number}.json": name for number, name in enumerate(specifications)}
    for file, name in names.items():
        (directory / file).write_text(json.dumps(specifications[name]))
    config = f"extends: [{ROOT}/api/openapi/redocly.yaml]\n"
    (directory / "redocly.yaml").write_text(config)
    done = subprocess.run(
        [NODE / "redocly", "lint", "--config", "redocly.yaml", "--format", "json", *names],
        cwd=directory,
        capture_output=True,
        check=False,
        env={**os.environ, "REDOCLY_TELEMETRY": "off"},
    )
    broken: dict[str, set[str]] = {name: set() for name in specifications}
    decoder, text = json.JSONDecoder(), done.stdout.decode()
    while text.strip():
        report, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        for problem in report["problems"]:
            if problem["severity"] == "error":
                file = Path(problem["location"][0]["source"]["ref"]).name
                broken[names[file]].add(problem["ruleId"])
    return broken


@pytest.mark.skipif(
    not (NODE / "redocly").exists() or shutil.which("node") is None,
    reason="needs Node, as generating does",
)
def test_every_flaw_is_refused_by_lint_and_nothing_else_is(tmp_path: Path) -> None:
    cases = {name: flawed(flaw) for name, flaw in LINTED.items()}
    broken = lint(tmp_path, {"sound": SOUND, **cases})
    assert broken.pop("sound") == set()
    assert [name for name, rules in broken.items() if not rules] == []


@pytest.mark.parametrize("sentence", ANNOTATED)
def test_what_cannot_be_generated_safely_is_refused(sentence: str) -> None:
    with pytest.raises(GenerationError, match=sentence):
        annotate(flawed(ANNOTATED[sentence]))


def test_a_sound_specification_is_annotated() -> None:
    operation = annotate(deepcopy(SOUND))["paths"]["/things/{id}"]["put"]
    assert operation["x-allowed"] == "(Role.MANAGE,)"
    assert operation["x-result"] == "None"
    assert operation["x-status"] == 204
    assert operation["x-body"] == "NewThing"
    assert operation["parameters"][1]["x-default"] == 'field(default=None, name="colours[]")'


@pytest.mark.parametrize(
    ("responses", "result"),
    [
        ({"200": {"Colour"}}, "Colour"),
        ({"200": {"Colour"}, "304": set()}, "Colour"),
        ({"201": {"Colour", "headers"}}, "Reply[Colour]"),
        ({"201": {"Colour"}, "202": {"Colour"}}, "Reply[Colour]"),
        ({"200": {"Colour"}, "202": {"NewThing"}}, "Reply[Colour | NewThing]"),
        ({"200": {"Colour"}, "204": set()}, "Reply[Colour | None]"),
        ({"204": {"headers"}}, "Reply[None]"),
    ],
)
def test_what_a_port_returns_says_all_it_may_answer(
    responses: dict[str, set[str]], result: str
) -> None:
    def response(parts: set[str]) -> dict[str, Any]:
        made: dict[str, Any] = {"description": "So."}
        for name in parts - {"headers"}:
            schema = {"$ref": f"#/components/schemas/{name}"}
            made["content"] = {"application/json": {"schema": schema}}
        return made | ({"headers": {"ETag": {}}} if "headers" in parts else {})

    document = deepcopy(SOUND)
    operation = document["paths"]["/things/{id}"]["put"]
    answers = {status: response(parts) for status, parts in responses.items()}
    operation["responses"] = REFUSED | answers
    annotate(document)
    assert operation["x-result"] == result


def test_a_service_without_a_specification_is_refused() -> None:
    with pytest.raises(GenerationError, match=r"nosuch/api/openapi/openapi\.json is missing"):
        specification("nosuch")


def test_stale_missing_and_left_over_files_are_named_and_mended(tmp_path: Path) -> None:
    made, committed = tmp_path / "made", tmp_path / "committed"
    for root, files in (
        (made, {"openapi/same.py": "1", "openapi/changed.py": "2", "proto/new.py": "3"}),
        (committed, {"openapi/same.py": "1", "openapi/changed.py": "old", "proto/gone.py": "4"}),
    ):
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    assert differences(made, committed) == ["openapi/changed.py", "proto/gone.py", "proto/new.py"]
    replace(made, committed)
    assert differences(made, committed) == []
