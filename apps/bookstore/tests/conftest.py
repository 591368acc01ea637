"""One running store for all tests of commands, and a way to run a command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD, Store, running

from bookstore.cli import command, terminal


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("commands") / "data") as store:
        yield store


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `bookstore …` in this process, on a wide terminal."""
    monkeypatch.setattr(terminal.out, "width", 200)
    monkeypatch.setattr(terminal.err, "width", 200)

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code: object = 0
        try:
            command.run([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return Outcome(code if isinstance(code, int) else 0, said.out, said.err)

    return run


@pytest.fixture
def as_staff(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands as staff of the running store."""
    monkeypatch.setenv("BOOKSTORE_URL", store.url)
    monkeypatch.setenv("BOOKSTORE_STAFF_EMAIL", STAFF_EMAIL)
    monkeypatch.setenv("BOOKSTORE_STAFF_PASSWORD", STAFF_PASSWORD)
    return run
