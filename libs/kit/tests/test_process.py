"""A service as a process of its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from bookstore.kit.process import Near, Process, ProcessSettings
from bookstore.kit.service import Service


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    database_url: str = "sqlite://"


@asynccontextmanager
async def opened(_settings: Settings, near: Near) -> AsyncGenerator[Service]:
    near("nowhere")
    yield Service(name="shelf")


def a_process(folder: Path) -> "Process[Settings]":
    (folder / "versions").mkdir()
    return Process(name="shelf", settings=Settings, migrations=folder, open=opened)


def test_addresses_are_read_as_they_are_written() -> None:
    settings = ProcessSettings(http="[::1]:8085", public_url="https://books.example/")

    assert (settings.address.host, settings.address.port) == ("::1", 8085)
    assert settings.keys_url == "https://books.example/.well-known/jwks.json"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SHELF_HTTP", "nowhere", "HTTP: write host:port"),
        ("SHELF_HTTP", "127.0.0.1:0", "NOWHERE_RPC: is not set"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_and_exit_code_2(  # noqa: PLR0913, PLR0917 — pytest's fixtures
    variable: str,
    value: str,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as end:
        a_process(tmp_path).main("serve")

    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


def test_an_unknown_command_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        a_process(tmp_path).main("dance")

    assert "serve|migrate" in str(end.value.code)
