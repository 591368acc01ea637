"""Settings: a frozen struct per service, read from the environment; all problems at once."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class SettingsError(Exception):
    """Settings that are missing, malformed or contradict each other; says all of it."""


def read_settings(
    kind: type[SettingsT], prefix: str = "", environment: Mapping[str, str] = os.environ
) -> SettingsT:
    """Read field `public_url` from `PREFIX_PUBLIC_URL`, else from `PUBLIC_URL`, else its default.

    Raises SettingsError, naming every variable that is missing or malformed.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(kind):
        names = [field.name.upper()]
        if prefix:
            names.insert(0, f"{prefix}_{names[0]}")
        name = next((name for name in names if environment.get(name)), None)
        if name is not None:
            try:
                values[field.name] = msgspec.convert(
                    environment[name], field.type, strict=False, dec_hook=_made
                )
            except msgspec.ValidationError as error:
                problems.append(f"{name}: {error}")
        elif field.required:
            problems.append(f"{names[0]}: is not set")
    if problems:
        raise SettingsError("; ".join(problems))
    try:
        return kind(**values)
    except ValueError as error:  # what a struct's __post_init__ refuses
        raise SettingsError(str(error)) from error


def _made(kind: type[Any], value: object) -> object:
    """Make what msgspec does not know of a variable's text: paths."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"no setting is of type {kind}")
