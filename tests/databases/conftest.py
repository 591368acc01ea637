"""A server's databases, each new: these tests need a server, as `make test-mariadb` starts one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.databases.things import revise
from tests.harness.databases import SERVER, an_empty_database

from bookstore.kit.database import Database, open_database


@pytest.fixture(params=[SERVER or "no server"], autouse=True)
def kind(request: pytest.FixtureRequest) -> str:
    if not SERVER:
        pytest.skip("it needs a server: make test-mariadb")
    return str(request.param)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    revise(tmp_path / "migrations", "SHELF", "0001", None)
    revise(tmp_path / "migrations", "THING", "0002", "0001")
    return tmp_path / "migrations"


@pytest.fixture
def url(kind: str) -> Iterator[str]:
    with an_empty_database(kind) as url:
        yield url


@pytest.fixture
def database(url: str, migrations: Path) -> Iterator[Database]:
    with open_database(url, migrations) as opened:
        yield opened
