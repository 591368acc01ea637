"""Runs a step of a Tekton task as a process: the script of the file, with what Tekton would put
in for `$(params.…)`, `$(workspaces.….path)` and `$(results.….path)`.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CATALOG = Path(__file__).parents[2] / "deploy/tekton/catalog"


def load(name: str) -> Any:
    """Return the task or pipeline of that name."""
    return yaml.safe_load((CATALOG / name / "0.1" / f"{name}.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Step:
    """A step of a task; `folder` is where its results, its home and its script go."""

    task: str
    name: str
    folder: Path
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    workspaces: Mapping[str, Path] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> "subprocess.CompletedProcess[str]":
        """Run it to its end."""
        spec = load(self.task)["spec"]
        step = next(step for step in spec["steps"] if step["name"] == self.name)
        script = self.folder / "script"
        script.write_text(step["script"], encoding="utf-8")
        script.chmod(0o700)
        said = {each["name"]: self._filled(each["value"]) for each in step.get("env", ())}
        return subprocess.run(
            [script, *(one for argument in step.get("args", ()) for one in self._each(argument))],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)} | said | dict(self.env),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def result(self, name: str) -> str:
        """Return what it wrote as its result."""
        return (self.folder / name).read_text(encoding="utf-8")

    def _value(self, name: str) -> str | Sequence[str]:
        declared = {each["name"]: each for each in load(self.task)["spec"]["params"]}
        assert self.params.keys() <= declared.keys()
        value = self.params[name] if name in self.params else declared[name]["default"]
        return value if isinstance(value, str) else tuple(value)

    def _each(self, argument: str) -> Sequence[str]:
        whole = re.fullmatch(r"\$\(params\.([\w-]+)\[\*\]\)", argument)
        return self._value(whole[1]) if whole else (self._filled(argument),)

    def _filled(self, text: str) -> str:
        text = re.sub(r"\$\(params\.([\w-]+)\)", lambda found: str(self._value(found[1])), text)
        text = re.sub(
            r"\$\(workspaces\.([\w-]+)\.path\)",
            lambda found: str(self.workspaces.get(found[1], "")),
            text,
        )
        return re.sub(
            r"\$\((?:step\.)?results\.([\w-]+)\.path\)",
            lambda found: str(self.folder / found[1]),
            text,
        )
