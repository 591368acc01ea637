"""What a read by key costs, through SQLAlchemy and on the driver.

Run `python benchmarks/statements.py`.

The figures behind docs/adr/0004: the same row, the same file, the same types.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, create_engine, select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from bookstore.kit.database import Session, prepare

BOOK = Table(
    "book", MetaData(), Column("id", Integer, primary_key=True), Column("title", String(200))
)
ONE = select(BOOK).where(BOOK.c.id == bindparam("id"))
COUNT = 20_000


def microseconds(read: Callable[[], object]) -> float:
    """Return the CPU that one read takes."""
    for _ in range(200):
        read()
    started = time.process_time()
    for _ in range(COUNT):
        read()
    return (time.process_time() - started) / COUNT * 1e6


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "book.db"
        engine = create_engine(f"sqlite:///{file}")
        BOOK.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(BOOK.insert(), [{"id": n, "title": f"Book {n}"} for n in range(99)])
            through = microseconds(lambda: connection.execute(ONE, {"id": 7}).one())
        engine.dispose()
        driver = sqlite3.connect(file, isolation_level=None)
        session, prepared = (
            Session(driver, SQLiteDialect_pysqlite(paramstyle="qmark")),
            prepare(ONE),
        )
        direct = microseconds(lambda: session.run(prepared, id=7).one())
        driver.close()
    print(f"through SQLAlchemy {through:.1f} us, prepared on the driver {direct:.1f} us")


if __name__ == "__main__":
    main()
