"""docs/settings.md knows every setting, its default, and nothing else."""

import re
from pathlib import Path

import msgspec
import pytest
import typer

from bookstore.cli.command import app
from bookstore.cli.embedded import SETTINGS
from bookstore.identity.application.staff import DEFAULT_EMAIL
from bookstore.kit.http import HttpSettings
from bookstore.kit.process_settings import ProcessSettings, RunSettings
from bookstore.kit.rpc import TlsSettings

PAGE = (Path(__file__).parents[3] / "docs/settings.md").read_text()
ROW = re.compile(
    r"^\| `(?P<name>[A-Z_]+)` \| .+ \| (?P<default>.+) \| `(?P<example>.+)` \|$", re.MULTILINE
)
NEIGHBOURS = {f"{name}_RPC": "none" for name in ("CATALOG", "IDENTITY", "INVENTORY", "ORDER")}


def rows(heading: str) -> dict[str, str]:
    """Return the settings under a heading, up to the next one, with their defaults."""
    below = PAGE.split(f"\n{heading}\n", 1)[1]
    part = re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]
    return {row["name"]: row["default"].strip("`") for row in ROW.finditer(part)}


def settings(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {field.name.upper(): written(field.default) for field in msgspec.structs.fields(kind)}


def written(default: object) -> str:
    if default is None or default == "":
        return "none"
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("### The process", RunSettings),
        ("### HTTP", HttpSettings),
        ("## TLS between services", TlsSettings),
        *((f"### {name.title()}", kind) for name, kind in SETTINGS.items()),
    ],
)
def test_every_setting_is_told_with_its_default(heading: str, kind: type[msgspec.Struct]) -> None:
    assert rows(heading) == settings(kind)


def test_every_setting_of_a_process_is_told() -> None:
    own = {
        name: default
        for name, default in settings(ProcessSettings).items()
        if name not in settings(RunSettings)
    }

    told = rows("## A service in a process of its own")

    assert told == own | NEIGHBOURS | {"PAYMENT_RPC": "none"}


def test_every_variable_of_the_command_line_is_told() -> None:
    assert rows("### The command line").keys() == variables_of_commands()


def variables_of_commands() -> set[str]:
    """Return the variables that commands take options from."""
    found: set[str] = set()
    waiting = [typer.main.get_command(app)]
    while waiting:
        command = waiting.pop()
        found.update(str(option.envvar) for option in command.params if option.envvar)
        waiting.extend(getattr(command, "commands", {}).values())
    return found


def test_the_defaults_of_the_command_line_are_so() -> None:
    assert rows("### The command line")["BOOKSTORE_STAFF_EMAIL"] == DEFAULT_EMAIL


def test_examples_set_only_what_there_is() -> None:
    examples = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    examples += "\n".join(f"export {row['example']}" for row in ROW.finditer(PAGE))
    exports = re.findall(r"^export (.*)$", examples, re.MULTILINE)
    names = {name for line in exports for name in re.findall(r"(?:^|\s)([A-Z_]+)=", line)}
    known = {row["name"] for row in ROW.finditer(PAGE)}
    prefixes = tuple(f"{service.upper()}_" for service in SETTINGS)

    assert "SERVICE_SECRET" in names
    for name in names - known:
        prefix = next(prefix for prefix in prefixes if name.startswith(prefix))
        assert name.removeprefix(prefix) in known, name
