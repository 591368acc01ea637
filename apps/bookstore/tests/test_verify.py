"""Every invariant has a store in which it is broken, and says so."""

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from apps.bookstore.tests.a_real_store import run_a_store, writing
from apps.bookstore.tests.corruptions import CORRUPTIONS, UNWATCHED
from typer.testing import CliRunner

from bookstore.cli.command import app
from bookstore.cli.folder import CARD_NETWORK, DATABASES, SERVICES, Folder
from bookstore.cli.terminal import CommandError
from bookstore.cli.verify.cards import CARDS
from bookstore.cli.verify.command import examine
from bookstore.cli.verify.invariant import check
from bookstore.cli.verify.invariants import INVARIANTS
from bookstore.cli.verify.snapshot import equip
from bookstore.cli.verify.sources import SCHEMAS, of_folder, of_services

ELSEWHERE = "sqlite:////nowhere"
CARD = "4111 1111 1111 1111"  # a number for tests, of nobody
HEX = "a" + "4111111111111111" + "c" * 15
DAY = 24 * 3600 * 1_000_000  # microseconds
FUTURE = 9_000_000_000_000_000
TOLD_TO_NOBODY = {"created_at", "updated_at", "version"}
NOT_COMPARED = ("inbox", "idempotency", "alembic_version", "sqlite_sequence", "sqlite_stat1")


@dataclass(frozen=True)
class Lived:
    """A store's data folder, and its orders' ids by how they ended."""

    folder: Folder
    orders: dict[str, str]

    def named(self, text: str) -> str:
        """Put the orders' ids in the place of their names."""
        for name, order in self.orders.items():
            text = text.replace(f"{{{name}}}", order)
        return text


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    path = tmp_path_factory.mktemp("lived") / "data"
    return Lived(orders=run_a_store(path), folder=Folder(path))


@pytest.fixture
def folder(lived: Lived, tmp_path: Path) -> Folder:
    shutil.copytree(lived.folder.path, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def opened(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A copy of all databases in one connection, to be corrupted and rolled back again."""
    path = tmp_path_factory.mktemp("opened")
    shutil.copytree(lived.folder.path, path, dirs_exist_ok=True)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        equip(connection)
        for name, schema in SCHEMAS.items():
            connection.execute(f"ATTACH ? AS {schema}", (str(Folder(path).file(name)),))
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


@contextmanager
def corrupted(
    connection: sqlite3.Connection, change: str, values: dict[str, Any] | None = None
) -> Iterator[None]:
    """Corrupt the data, and put them right again."""
    connection.execute("BEGIN")
    try:
        assert connection.execute(change, values or {}).rowcount > 0
        yield
    finally:
        connection.execute("ROLLBACK")


def broken(folder: Folder, pause_s: float = 0) -> dict[str, tuple[str, ...]]:
    findings = examine(of_folder(folder), pause_s).findings
    return {f.invariant: f.offenders for f in findings if f.offenders}


def test_a_store_that_was_really_run_breaks_nothing(folder: Folder) -> None:
    assert broken(folder) == {}


def test_everything_is_counted(folder: Folder) -> None:
    examined = examine(of_folder(folder), 0)

    counts = {finding.invariant: finding.checked for finding in examined.findings}
    assert counts["a payment's amounts fit its status"] == 7
    assert counts["an order's total is the sum of its lines, each of another book"] == 8
    assert counts["each confirmed order was captured once"] == 2
    assert [n for name, n in counts.items() if "settled outside" in name] == [1]
    assert (len(counts), examined.unchecked) == (len(INVARIANTS), ())
    assert examined.rows > 1000


@pytest.mark.parametrize(("corruption", "sentence"), CORRUPTIONS)
def test_a_corruption_by_hand_is_found_and_named(
    opened: sqlite3.Connection, lived: Lived, corruption: str, sentence: str
) -> None:
    with corrupted(opened, lived.named(corruption)):
        found = [row for i in INVARIANTS for row in check(opened, i).offenders]

    assert any(lived.named(sentence) in row for row in found), found


def test_every_invariant_is_broken_by_one_of_the_corruptions(
    opened: sqlite3.Connection, lived: Lived
) -> None:
    unbroken = list(INVARIANTS)
    for corruption, _ in CORRUPTIONS:
        with corrupted(opened, lived.named(corruption)):
            unbroken = [i for i in unbroken if not check(opened, i).offenders]

    assert [invariant.sentence for invariant in unbroken] == []


def test_each_row_and_column_is_watched_or_known_not_to_be(opened: sqlite3.Connection) -> None:
    unnoticed = {
        f"{table}: {column}"
        for table in _tables(opened)
        for column in _unnoticed(opened, table)
        if column not in UNWATCHED.get(table, set()) | TOLD_TO_NOBODY
    }

    assert unnoticed == set()


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    for schema in SCHEMAS.values():
        tables = f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' ORDER BY name"
        for (table,) in connection.execute(tables).fetchall():
            if table not in NOT_COMPARED:
                yield f"{schema}.{table}"


def _unnoticed(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Change one row of the table in every way; name the columns, or `-` for the row itself."""
    schema, name = table.split(".")
    columns = connection.execute(f"PRAGMA {schema}.table_info({name})").fetchall()
    order = ", ".join(f"{n} DESC" for n, column in enumerate(columns, 1) if column["pk"])
    row = connection.execute(f"SELECT * FROM {table} ORDER BY {order} LIMIT 1").fetchone()
    if row is None:
        return
    keys = [column["name"] for column in columns if column["pk"]]
    where = " AND ".join(f"{key} = :{key}" for key in keys)
    values = {key: row[key] for key in keys}
    if not _is_noticed(connection, f"DELETE FROM {table} WHERE {where}", values):
        yield "-"
    for column in row.keys():  # noqa: SIM118 — a row iterates over its values
        other = row[column] + 1000 if isinstance(row[column], int) else f"{row[column]}, not"
        change = f"UPDATE {table} SET {column} = :other WHERE {where}"
        if not _is_noticed(connection, change, values | {"other": other}):
            yield column


def _is_noticed(connection: sqlite3.Connection, change: str, values: dict[str, Any]) -> bool:
    with corrupted(connection, change, values):
        return any(check(connection, i).offenders for i in INVARIANTS if i not in CARDS)


def test_an_order_under_way_is_left_out(folder: Folder, lived: Lived) -> None:
    order = lived.orders["confirmed"]
    with writing(folder, "order") as connection:
        connection.execute("DELETE FROM saga_event WHERE saga_id = ? AND seq = 6", (order,))
        connection.execute("UPDATE book_order SET status = 'paid' WHERE id = ?", (order,))
        connection.execute("UPDATE purchase SET ending = NULL WHERE order_id = ?", (order,))
        connection.execute(
            "UPDATE saga SET state = 'running', deadline = ? WHERE id = ?", (FUTURE, order)
        )

    assert broken(folder) == {}


def test_a_purchase_is_forgotten_after_seven_days(folder: Folder, lived: Lived) -> None:
    order = lived.orders["confirmed"]
    with writing(folder, "order") as connection:
        connection.execute("DELETE FROM purchase WHERE order_id = ?", (order,))
        connection.execute(
            "UPDATE book_order SET created_at = created_at - ? WHERE id = ?", (8 * DAY, order)
        )

    assert broken(folder) == {}


def test_without_the_card_network_its_books_are_not_compared(folder: Folder) -> None:
    folder.file("card-network").unlink()

    examined = examine(of_folder(folder), 0)

    assert (examined.broken, len(examined.unchecked)) == (0, 5)


@pytest.mark.parametrize(
    "text",
    [
        "\uff14" + "\uff11" * 15,
        "4111\u00a01111\u20111111\u200b1111",
        r'{"line1":"4111\u00a01111\u00a01111\u00a01111"}',
        CARD.encode(),
    ],
)
def test_a_card_number_is_found_however_it_is_written(
    opened: sqlite3.Connection, text: str | bytes
) -> None:
    with corrupted(opened, "UPDATE purchase SET trace_id = :text", {"text": text}):
        (found,) = check(opened, CARDS[0]).offenders

    assert found == "ordering.purchase.trace_id holds a card number in 7 rows"


def test_a_digest_that_looks_like_a_card_number_is_none(opened: sqlite3.Connection) -> None:
    with corrupted(opened, "UPDATE purchase SET fingerprint = :hex", {"hex": HEX}):
        assert check(opened, CARDS[0]).offenders == ()


def test_what_is_mended_while_we_look_again_is_no_violation(folder: Folder) -> None:
    with writing(folder, "inventory") as connection:
        connection.execute("UPDATE stock SET reserved = reserved + 1")

    def mend() -> None:
        time.sleep(0.05)
        with writing(folder, "inventory") as connection:
            connection.execute("UPDATE stock SET reserved = reserved - 1")

    mending = threading.Thread(target=mend)
    mending.start()
    found = broken(folder, pause_s=0.5)
    mending.join()

    assert found == {}


def test_a_store_that_writes_is_read_all_the_same(folder: Folder) -> None:
    with writing(folder, "order") as connection:
        connection.execute("UPDATE book_order SET total = 1")

        assert broken(folder) == {}  # not committed, so not so


def test_databases_that_are_none_are_one_sentence(folder: Folder) -> None:
    folder.file("order").write_bytes(b"no database" * 1000)

    with pytest.raises(CommandError, match="cannot be read"):
        examine(of_folder(folder), 0)


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("orders=sqlite:////order.db", "orders is no database: name one as in order=sqlite:///"),
        ("order", "--database order: this is no URL such as sqlite:////data/order.db."),
        ("order=nonsense", "--database order: this is no URL such as sqlite:////data/order.db."),
        ("order=mysql://x:hidden@host", "--database order: a server's is mysql://USER:PASSWORD@"),
        ("order=sqlite://", "--database order: a database in memory is nobody else's to look at."),
        (f"order={ELSEWHERE}/payment", "are the same database; each has its own."),
    ],
)
def test_a_database_that_is_named_wrongly_is_one_sentence(named: str, sentence: str) -> None:
    others = [f"--database={name}={ELSEWHERE}/{name}" for name in SERVICES]
    outcome = CliRunner().invoke(app, ["verify", *others, "--database", named])

    assert isinstance(outcome.exception, CommandError)
    assert sentence in str(outcome.exception)
    assert "hidden" not in str(outcome.exception)


def test_all_six_databases_must_be_named() -> None:
    outcome = CliRunner().invoke(app, ["verify", "--database", "order=sqlite:////order.db"])

    assert "database of catalog, customer" in str(outcome.exception)


def test_the_services_variables_say_where_their_databases_are(tmp_path: Path) -> None:
    secret = tmp_path / "payment"
    secret.write_text("mysql://payment:secret@db/payment\n")
    urls = {f"{name.upper()}_DATABASE_URL": f"{ELSEWHERE}/{name}" for name in SERVICES}
    del urls["PAYMENT_DATABASE_URL"]

    found = of_services(urls | {"PAYMENT_DATABASE_URL_FILE": str(secret)})
    simulated = of_services(
        urls | {"PAYMENT_DATABASE_URL": "mysql://u@db/p", "CARD_NETWORK_URL": "mysql://u@db/n"}
    )

    assert (found["order"], found["payment"]) == (
        f"{ELSEWHERE}/order",
        "mysql://payment:secret@db/payment",
    )
    assert "card-network" not in found
    assert simulated["card-network"] == "mysql://u@db/n"


def test_what_the_services_variables_do_not_say_is_one_sentence() -> None:
    with pytest.raises(CommandError) as silent:
        of_services({"ORDER_DATABASE_URL": "mysql://u@db/o", "CARD_NETWORK_URL_FILE": "/nowhere"})
    with pytest.raises(
        CommandError, match="CATALOG_DATABASE_URL and CUSTOMER_DATABASE_URL are the"
    ):
        of_services({"DATABASE_URL": "mysql://u@db/one-for-all"})

    assert "CATALOG_DATABASE_URL: is not set; CUSTOMER_DATABASE_URL: is not set" in str(
        silent.value
    )
    assert "CARD_NETWORK_URL: /nowhere cannot be read" in str(silent.value)


def test_databases_are_named_in_one_way() -> None:
    outcome = CliRunner().invoke(
        app, ["verify", "--data", "x", "--database", "order=sqlite:////o"]
    )

    assert "--data or --database" in str(outcome.exception)


def test_a_folder_that_is_named_counts_more_than_variables(folder: Folder) -> None:
    elsewhere = {"ORDER_DATABASE_URL": f"{ELSEWHERE}/order"}

    assert (
        CliRunner().invoke(app, ["verify", "--data", str(folder.path)], env=elsewhere).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("corruption", "code", "words"),
    [
        ("UPDATE book_order SET version = 9", 0, f"{len(INVARIANTS)} invariants hold over "),
        ("UPDATE book_order SET total = 1", 1, ": total 1 USD, its lines 4498"),
    ],
)
def test_the_command_exits_with_what_it_found(
    folder: Folder, corruption: str, code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookstore.cli.verify.command.LOOK_AGAIN_S", 0)
    with writing(folder, "order") as connection:
        connection.execute(corruption)
    named = [f"--database={name}={folder.url(name)}" for name in DATABASES]
    variables = {f"{name.upper()}_DATABASE_URL": folder.url(name) for name in SERVICES}
    variables["CARD_NETWORK_URL"] = folder.url(CARD_NETWORK)

    by_folder = CliRunner().invoke(app, ["verify", "--data", str(folder.path)])
    by_name = CliRunner().invoke(app, ["verify", *named])
    by_variables = CliRunner().invoke(app, ["verify"], env=variables)

    assert by_folder.exit_code == code
    assert words in by_folder.output.replace("\n", "")
    for other in (by_name, by_variables):
        assert (other.exit_code, other.output) == (code, by_folder.output)
