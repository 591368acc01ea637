"""One running store for all tests of commands."""

import subprocess
from collections.abc import Callable, Iterator

import pytest
from tests.harness.store import Store, bookstore, running

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("commands") / "data") as store:
        yield store


@pytest.fixture
def run(store: Store) -> Run:
    """Runs `bookstore …` as staff of the store."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            bookstore(*arguments),
            env=store.environment_of_staff()
            | {"BOOKSTORE_URL": store.url, "COLUMNS": "200", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run
