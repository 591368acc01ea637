"""Terraform files on the ladder: formatted and readable, and then our own rules.

The providers that `terraform validate` would need come from a registry of their own, so what it
would say of names is said here: a module's arguments are its variables, whatever is referred to is
there, a release is in the version table, a file that is read exists.
"""

import functools
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from tools.delivery.install import program
from tools.delivery.ladder import Good, Missing, Rung

Json: TypeAlias = dict[str, Any]
ROOT: Final = Path(__file__).parents[2]
_META: Final = frozenset({"source", "version", "count", "for_each", "depends_on", "providers"})
_SECRET_TYPES: Final = re.compile(
    r"random_password|random_string|tls_private_key|vault_token|vault_(kv|generic)_secret\w*|"
    r"kubernetes_secret\w*"
)
_LITERAL: Final = re.compile(
    r'(?i)\b(?!existing)\w*(?:password|client_secret|secret_id|token)"?\s*=\s*"[^"$]'
)
_ONE_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Folder:
    """A module: its files together, as Terraform sees them."""

    path: Path
    texts: Mapping[str, str]

    @property
    def text(self) -> str:
        """Return all of it."""
        return "\n".join(self.texts.values())

    def blocks(self, kind: str) -> Mapping[str, Any]:
        """Return the blocks of a kind, by name: variable, module, output."""
        found: Json = {}
        for text in self.texts.values():
            found |= parsed(text).get(kind, {})
        return found


def committed(path: str) -> Good:
    """Return a committed file, by its path from the repository's root."""
    file = ROOT / path
    return Good(
        path,
        lambda: file.read_text(encoding="utf-8"),
        {
            Rung.RENDER: unreadable,
            Rung.POLICY: lambda text: broken(folder(file.parent, file, text)),
        },
    )


def folder(path: Path, file: Path | None = None, text: str = "") -> Folder:
    """Read a module, with another text for one of its files."""
    texts = {each.name: each.read_text(encoding="utf-8") for each in sorted(path.glob("*.tf"))}
    return Folder(path, texts | ({file.name: text} if file else {}))


def unreadable(text: str) -> Iterator[str]:
    """Say why Terraform could not read a text, or would write it otherwise."""
    done = _run("terraform", "fmt", "-no-color", "-", text=text)
    if done.returncode:
        yield done.stderr.strip()
    elif done.stdout != text:
        yield "it is not formatted (terraform fmt)"


@functools.lru_cache(maxsize=256)
def parsed(text: str) -> Json:
    """Return a text's blocks."""
    done = _run("hcl2json", text=text)
    if done.returncode:
        raise ValueError(done.stderr)
    found: Json = json.loads(done.stdout)
    return found


def broken(module: Folder) -> Iterator[str]:
    """Say which of our rules a module breaks."""
    for rule in (
        _names_are_there,
        _modules_get_what_they_ask_for,
        _providers_are_pinned,
        _charts_are_pinned,
        _no_secret_is_in_the_state,
        _files_exist,
    ):
        yield from rule(module)


def _names_are_there(module: Folder) -> Iterator[str]:
    resources = {
        f"{kind}.{name}" for kind, named in module.blocks("resource").items() for name in named
    }
    local = {name for text in module.texts.values() for name in _locals(text)}
    for what, declared in (("var", set(module.blocks("variable"))), ("local", local)):
        used = set(re.findall(rf"\b{what}\.(\w+)", module.text))
        for name in sorted(used ^ declared):
            yield f"{what}.{name} is {'not declared' if name in used else 'never used'}"
    for name in sorted(set(re.findall(r"\bmodule\.(\w+)", module.text))):
        if name not in module.blocks("module"):
            yield f"module.{name} is not there"
    kinds = "|".join(sorted({name.partition(".")[0] for name in resources})) or "nothing"
    for name in sorted(set(re.findall(rf"\b((?:{kinds})\.\w+)", module.text)) - resources):
        yield f"{name} is not there"


def _locals(text: str) -> Iterable[str]:
    return (name for block in parsed(text).get("locals", ()) for name in block)


def _modules_get_what_they_ask_for(module: Folder) -> Iterator[str]:
    for name, (said,) in module.blocks("module").items():
        source = module.path / said["source"]
        if not said["source"].startswith(("./", "../")) or not source.is_dir():
            yield f"module {name}: {said['source']} is no folder of ours"
            continue
        asked = folder(source).blocks("variable")
        given = set(said) - _META
        for extra in sorted(given - set(asked)):
            yield f"module {name}: nobody asks for {extra}"
        for variable, (block,) in asked.items():
            if "default" not in block and variable not in given:
                yield f"module {name}: {variable} is missing"
        if source.name == "release" and said["name"] not in _releases():
            yield f"module {name}: {said['name']} is not in the version table"


def _releases() -> set[str]:
    table = (ROOT / "infra/terraform/modules/versions/main.tf").read_text(encoding="utf-8")
    (found,) = parsed(table)["locals"]
    return {*found["charts"], *found["own"]}


def _providers_are_pinned(module: Folder) -> Iterator[str]:
    for text in module.texts.values():
        for block in parsed(text).get("terraform", ()):
            if "required_version" not in block:
                yield "which Terraform it needs is not said"
            for providers in block.get("required_providers", ()):
                for name, said in providers.items():
                    if not said.get("version", "").startswith("~> "):
                        yield f"provider {name}: any version will do"


def _charts_are_pinned(module: Folder) -> Iterator[str]:
    for text in module.texts.values():
        for block in parsed(text).get("locals", ()):
            for name, chart in (block.get("charts") or {}).items():
                if not _ONE_VERSION.fullmatch(chart["version"]):
                    yield f"chart {name}: {chart['version']} is not one version"
                if not chart["repository"].startswith("https://"):
                    yield f"chart {name}: {chart['repository']} can be changed on the way"


def _no_secret_is_in_the_state(module: Folder) -> Iterator[str]:
    for what in ("resource", "data"):
        for kind in module.blocks(what):
            if _SECRET_TYPES.fullmatch(kind):
                yield f"{what} {kind}: its secret would be in the state"
    if _LITERAL.search(module.text):
        yield "a secret is written into it"


def _files_exist(module: Folder) -> Iterator[str]:
    for name in re.findall(r'file\("\$\{path\.module\}/([^"$]+)"\)', module.text):
        if not (module.path / name).is_file():
            yield f"{name} is not there"


def _run(name: str, *arguments: str, text: str) -> "subprocess.CompletedProcess[str]":
    try:
        command = [program(name), *arguments]
    except FileNotFoundError as missing:
        raise Missing(str(missing)) from missing
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)
