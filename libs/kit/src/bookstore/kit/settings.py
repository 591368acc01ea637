"""Settings: a frozen struct per concern, read from the environment; all problems at once.

A setting may be in a file instead, whose path is in the variable with `_FILE` after its name: so
secrets come that an agent mounts, as Vault's does, and that nobody is to see in an environment.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import msgspec

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)

_TAKES: Final = {bool: "true or false", int: "a whole number", float: "a number"}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """A struct of settings, which says what in it makes no sense, and what goes not together."""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense; its arguments are the problems."""
        if problems := list(self.problems()):
            raise ValueError(*problems)

    def problems(self) -> Iterator[str]:
        """Say what makes no sense, each with the variable to change."""
        yield from ()


class SettingsError(Exception):
    """Settings that are missing, malformed or contradict each other; says all of it."""

    def __init__(self, *problems: str) -> None:
        """Keep each problem once, in the order of their discovery."""
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(self.problems))


def read_settings(
    kind: type[SettingsT], prefix: str = "", environment: Mapping[str, str] = os.environ
) -> SettingsT:
    """Read field `public_url` from `PREFIX_PUBLIC_URL`, else from `PUBLIC_URL`, else its default.

    Each may be in the file that `…_FILE` names; blanks and line ends around it do not count.
    Raises SettingsError, naming every variable that is missing or malformed. What goes together
    with what is for the struct to say: see Settings.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    missing: list[str] = []
    for field in msgspec.structs.fields(kind):
        names = names_of(field.name, prefix)
        name = next((name for name in names if is_set(name, environment)), None)
        if name is not None:
            try:
                values[field.name] = _read(_text(name, environment), field.type)
            except ValueError as error:  # msgspec's ValidationError is one too
                problems.append(f"{name}: {error}")
        elif field.required:
            missing.append(f"{names[0]}: is not set")
    if all(field.name in values for field in msgspec.structs.fields(kind) if field.required):
        try:
            settings = kind(**values)
        except ValueError as error:
            problems.extend(map(str, error.args))
        else:
            if not problems:
                return settings
    raise SettingsError(*missing, *problems)


def check_settings(*readings: Callable[[], object]) -> None:
    """Try each reading, and raise one SettingsError with all that they complain about."""
    problems: list[str] = []
    for read in readings:
        try:
            read()
        except SettingsError as error:
            problems.extend(error.problems)
    if problems:
        raise SettingsError(*problems)


def names_of(field: str, prefix: str) -> list[str]:
    """Return the variables a field is read from, the one that counts more first."""
    name = field.upper()
    return [f"{prefix}_{name}", name] if prefix else [name]


def is_set(name: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a variable is set, itself or by a file."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _text(name: str, environment: Mapping[str, str]) -> str:
    file, text = environment.get(f"{name}_FILE"), environment.get(name)
    if not file:
        return text or ""
    if text:
        raise ValueError(f"is set, and {name}_FILE too: which of the two counts?")
    try:
        kept = Path(file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{file} holds no text") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None
    if not kept:
        raise ValueError(f"{file} is empty")
    if "\n" in kept:  # such as a key, which is nothing to be repeated in a complaint
        raise ValueError(f"{file} has several lines, but a setting is one")
    return kept


def _read(text: str, kind: Any) -> object:  # noqa: ANN401 — a type, as msgspec describes it
    if get_origin(kind) is Literal:
        return _chosen(text, get_args(kind))
    try:
        value = msgspec.convert(text, kind, strict=False, dec_hook=_made)
    except msgspec.ValidationError:
        if kind not in _TAKES:
            raise
        raise ValueError(f"is {text}, but takes {_TAKES[kind]}") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"is {text}, but takes {_TAKES[float]}")
    return value


def _chosen(text: str, choices: tuple[str, ...]) -> str:
    if text in choices:
        return text
    if len(choices) == 1:
        raise ValueError(f"is {text}, but only {choices[0]} is available yet")
    *others, last = choices
    raise ValueError(f"is {text}, but takes {', '.join(others)} or {last}")


def _made(kind: type[Any], value: object) -> object:
    """Make what msgspec does not know of a variable's text: paths."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"no setting is of type {kind}")
