"""Each `bookstore …` that a page tells people to type is a command, with such options."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from bookstore.cli.command import app

ROOT = Path(__file__).parents[2]
_FENCED = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"^(?:\S+=\S+ )*(?:\.venv/bin/)?bookstore (?=[a-z-])(.*)$")


def told() -> Iterator[tuple[str, str]]:
    """Every command line of our pages, with the page's name."""
    for page in sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]):
        text = page.read_text()
        fenced = "\n".join(_FENCED.findall(text)).replace("\\\n", "").splitlines()
        for line in (*fenced, *_QUOTED.findall(_FENCED.sub("", text))):
            if match := _COMMAND.match(line.strip()):
                yield page.name, match[1]


def parse(words: Sequence[str]) -> None:
    """Parse a command line as the program does; a command may be named alone."""
    command: Any = typer.main.get_command(app)
    rest = [*words]
    while rest and not rest[0].startswith("-") and hasattr(command, "commands"):
        if rest[0] not in command.commands:
            raise typer.BadParameter(f"there is no command {rest[0]}")
        command = command.commands[rest.pop(0)]
    if rest:
        command.make_context("bookstore", [word for word in rest if word != "--help"])


def test_what_pages_tell_people_to_type_is_understood() -> None:
    lines = set(told())
    pages = {page for page, _ in lines}

    assert {"README.md", "on-call.md", "saga-stuck.md", "sagas-late.md"} <= pages
    for page, line in lines:
        try:
            parse(shlex.split(line, comments=True))
        except typer.TyperException as error:
            pytest.fail(f"{page}: bookstore {line}: {error.format_message()}")


@pytest.mark.parametrize("line", ["dance", "sagas dance", "sagas list --states stuck", "verify x"])
def test_what_is_no_command_is_noticed(line: str) -> None:
    with pytest.raises(typer.TyperException):
        parse(line.split())
