"""Which databases the port suites run on: SQLite, and the server that TEST_SERVER names.

`python -m tests.harness.on_server` starts one and names it, as in `mariadb=mysql://root@…`.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import pymysql
import sqlalchemy as sa

SERVER, _, SERVER_URL = os.environ.get("TEST_SERVER", "").partition("=")
SQL: Final = ("sqlite", SERVER) if SERVER else ("sqlite",)
STORES: Final = ("memory", *SQL)


@contextmanager
def an_empty_database(kind: str, folder: Path | None = None, name: str = "some") -> Iterator[str]:
    """Give the URL of an empty database: in the folder or else in memory, or on the server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/{name}.db" if folder else "sqlite://"
        return
    unique = f"{name}_{uuid4().hex}"
    execute(f"CREATE DATABASE {unique}")
    try:
        yield f"{SERVER_URL}/{unique}"
    finally:
        execute(f"DROP DATABASE {unique}")


def engine(url: str) -> sa.Engine:
    """Return SQLAlchemy's own way to a database, to look at it from outside."""
    return sa.create_engine(url.replace("mysql:", "mysql+pymysql:"), poolclass=sa.NullPool)


def execute(*statements: str) -> None:
    """Run statements as the server's owner."""
    with closing(connect()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def connect(database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    """Open a connection to the server, beside those of the software."""
    url = sa.make_url(SERVER_URL)
    return pymysql.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=database,
        autocommit=True,
    )
