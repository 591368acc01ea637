"""Every invariant has a store in which it is broken, and says so."""

import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from apps.bookstore.tests.books_of_a_store import (
    CANCELLED,
    CONFIRMED,
    REFUNDED,
    SHIPPED,
    SHORT,
    UNDER_WAY,
    add,
    write_store,
    writing,
)
from typer.testing import CliRunner

from bookstore.cli.command import app
from bookstore.cli.folder import Folder
from bookstore.cli.terminal import CommandError
from bookstore.cli.verify.command import examine
from bookstore.cli.verify.invariants import INVARIANTS
from bookstore.cli.verify.snapshot import files

CARD = "4111 1111 1111 1111"  # a number for tests, of nobody
HEX = "a" + "4111111111111111" + "c" * 15


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return write_store(tmp_path_factory.mktemp("written"))


@pytest.fixture
def folder(written: Folder, tmp_path: Path) -> Folder:
    shutil.copytree(written.path, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path)


def broken(folder: Folder, pause_s: float = 0) -> dict[str, tuple[str, ...]]:
    findings = examine(files(folder), pause_s)
    return {f.invariant: f.offenders for f in findings if f.offenders}


def test_a_store_at_peace_breaks_nothing(folder: Folder) -> None:
    assert broken(folder) == {}


def test_everything_is_counted(folder: Folder) -> None:
    counts = {finding.invariant: finding.checked for finding in examine(files(folder), 0)}

    assert counts["stock is what its ledger says"] == 6
    assert (
        counts["an order's total is the sum of its lines, and whoever is confirmed has a number"]
        == 6
    )
    assert counts["each confirmed order was captured once"] == 3


SEEDED = [
    (
        "inventory",
        "UPDATE stock SET quantity = -1",
        "stock is never negative",
        "stock 1: -1 copies",
    ),
    ("inventory", "UPDATE stock SET reserved = 99", "stock is never negative", "99 reserved"),
    (
        "inventory",
        "DELETE FROM movement WHERE kind = 'shipped'",
        "stock is what its ledger",
        "stock 1",
    ),
    ("inventory", "DELETE FROM stock", "stock is what its ledger says", "off its ledger by -9"),
    (
        "inventory",
        "UPDATE stock SET reserved = 3",
        "what is reserved of stock",
        "3 reserved, 4 held",
    ),
    (
        "inventory",
        f"DELETE FROM reservation WHERE order_id = '{CONFIRMED}'",
        "an order holds its lines",
        f"order {CONFIRMED}, book 7: 1 to be held, 0 are",
    ),
    (
        "inventory",
        f"UPDATE reservation SET status = 'held' WHERE order_id = '{SHIPPED}'",
        "an order holds its lines",
        f"order {SHIPPED}, book 7: 1 to be shipped, 0 are",
    ),
    (
        "inventory",
        f"UPDATE reservation SET order_id = '{CANCELLED}' WHERE order_id = '{CONFIRMED}'",
        "an order holds its lines",
        f"order {CANCELLED}, book 7: 0 to be held, 1 are",
    ),
    (
        "inventory",
        "UPDATE shortage SET available = 20",
        "who was told that a book is out of stock",
        "asked for 20, there were 20",
    ),
    (
        "inventory",
        "DELETE FROM shortage",
        "who was told that a book is out of stock",
        f"order {SHORT} was out of stock, but no shortage was recorded",
    ),
    (
        "order",
        f"UPDATE purchase SET ending = NULL WHERE order_id = '{CANCELLED}'",
        "whoever bought something",
        f"order {CANCELLED} is cancelled, but its purchase has no ending",
    ),
    (
        "order",
        f"UPDATE purchase SET ending = NULL WHERE order_id = '{CONFIRMED}'",
        "whoever bought something",
        f"order {CONFIRMED} is confirmed, but its purchase has no ending",
    ),
    (
        "order",
        f"DELETE FROM saga_event WHERE saga_id = '{CONFIRMED}' AND seq = 3",
        "of what happened to a saga",
        f"saga {CONFIRMED} has 5 events, numbered 1 to 6",
    ),
    (
        "order",
        f"DELETE FROM saga_event WHERE saga_id = '{CONFIRMED}' AND seq = 6",
        "a completed saga has done",
        f"saga {CONFIRMED} (place_order of order {CONFIRMED}) is completed without confirm_order",
    ),
    (
        "order",
        "DELETE FROM saga_event",
        "a completed saga has done",
        "is completed without place_order, make_payment, change_order_status",
    ),
    (
        "order",
        "UPDATE saga_event SET status = 'failed' WHERE step = 'capture_payment'",
        "a completed saga has done",
        "is completed without capture_payment",
    ),
    (
        "payment",
        f"UPDATE payment SET status = 'voided' WHERE order_id = '{CONFIRMED}'",
        "each confirmed order was captured once",
        f"order {CONFIRMED} is confirmed with 0 captures",
    ),
    (
        "payment",
        (
            f"UPDATE payment SET status = 'captured', captured_amount = 1500 "
            f"WHERE order_id = '{CANCELLED}'"
        ),
        "of a cancelled order no money is kept",
        f"order {CANCELLED} is cancelled, but 1500 were kept",
    ),
    (
        "payment",
        f"UPDATE payment SET captured_amount = 1499 WHERE order_id = '{CONFIRMED}'",
        "what was captured is the order's total",
        "1499 captured of 1500",
    ),
    (
        "payment",
        "DELETE FROM refund WHERE id = 'refund 1'",
        "what was captured is the order's total",
        "500 paid back of 0 granted",
    ),
    (
        "payment",
        f"UPDATE payment SET currency = 'KRW' WHERE order_id = '{REFUNDED}'",
        "what was captured is the order's total",
        REFUNDED,
    ),
    ("order", "UPDATE book_order SET total = 1 WHERE serial = 1", "an order's total", "total 1"),
    (
        "order",
        "DELETE FROM book_order_item WHERE order_serial = 1",
        "an order's total",
        "lines none",
    ),
    ("order", "UPDATE book_order SET number = NULL", "an order's total", "number none"),
    (
        "order",
        "DELETE FROM book_order WHERE serial = 1",
        "every accepted order exists",
        f"a purchase speaks of order {CONFIRMED}, which does not exist",
    ),
    (
        "order",
        f"DELETE FROM saga WHERE id = '{CONFIRMED}'",
        "every accepted order exists",
        f"order {CONFIRMED} has no saga",
    ),
    (
        "order",
        "UPDATE saga SET deadline = 1",
        "every saga has ended",
        f"saga {UNDER_WAY} (place_order of order {UNDER_WAY}) is running",
    ),
    (
        "payment",
        f"UPDATE payment SET status = 'authorised' WHERE order_id = '{CANCELLED}'",
        "no money is held for an order that is over",
        f"of order {CANCELLED} is authorised",
    ),
    (
        "card-network",
        "UPDATE network_authorisation SET status = 'authorised' WHERE status = 'voided'",
        "the card network holds and took no money",
        f"the network holds 1500 under {CANCELLED}:make_payment, the payment is voided",
    ),
    (
        "payment",
        f"UPDATE payment SET network_key = 'another' WHERE order_id = '{CONFIRMED}'",
        "the card network holds and took no money",
        f"the network took 1500 under {CONFIRMED}:make_payment, the payment is missing",
    ),
    (
        "customer",
        "UPDATE point SET balance = 31",
        "points are what their ledger says",
        "is off the ledger by 1 points",
    ),
    (
        "order",
        (f"UPDATE purchase SET idempotency_key = '{CARD}' WHERE idempotency_key = 'key 1'"),
        "no card number",
        "ordering.purchase.idempotency_key holds a card number in 1 rows",
    ),
]


@pytest.mark.parametrize(("service", "corruption", "invariant", "sentence"), SEEDED)
def test_a_seeded_corruption_is_found_and_named(
    folder: Folder, service: str, corruption: str, invariant: str, sentence: str
) -> None:
    with writing(folder, service) as connection:
        assert connection.execute(corruption).rowcount > 0

    found = {name: rows for name, rows in broken(folder).items() if name.startswith(invariant)}

    assert any(sentence in row for rows in found.values() for row in rows), broken(folder)


def test_every_invariant_is_among_the_seeded_corruptions() -> None:
    told = [invariant for _, _, invariant, _ in SEEDED]

    for invariant in INVARIANTS[:-1]:  # the last one only counts
        assert any(invariant.sentence.startswith(start) for start in told), invariant.sentence


def test_an_order_under_way_is_left_out(folder: Folder) -> None:
    with writing(folder, "inventory") as connection:
        connection.execute(f"DELETE FROM reservation WHERE order_id = '{UNDER_WAY}'")
        connection.execute("UPDATE stock SET reserved = 3")
        connection.execute(
            "DELETE FROM movement WHERE order_id = ? AND kind = 'reserved'", (UNDER_WAY,)
        )

    assert broken(folder) == {}


def test_what_staff_settled_is_counted_and_no_violation(folder: Folder) -> None:
    with writing(folder, "payment") as connection:
        connection.execute(
            "UPDATE payment SET status = 'captured', captured_amount = 1500 WHERE order_id = ?",
            (CANCELLED,),
        )
    with writing(folder, "order") as connection:
        add(
            connection,
            "saga_event",
            saga_id=CANCELLED,
            seq=1,
            epoch=1,
            step="refund_payment",
            kind="do",
            attempt=1,
            status="settled",
            started_at=1,
            ended_at=1,
            detail="{}",
            state="completed",
        )

    assert broken(folder) == {}
    assert examine(files(folder), 0)[-1].checked == 1


@pytest.mark.parametrize(
    "text",
    [
        "\uff14" + "\uff11" * 15,
        "4111\u00a01111\u20111111\u200b1111",
        r'{"line1":"4111\u00a01111\u00a01111\u00a01111"}',
        CARD.encode(),
    ],
)
def test_a_card_number_is_found_however_it_is_written(folder: Folder, text: str | bytes) -> None:
    with writing(folder, "order") as connection:
        connection.execute(
            "UPDATE purchase SET idempotency_key = ? WHERE idempotency_key = 'key 1'", (text,)
        )

    assert any("holds a card number" in row for rows in broken(folder).values() for row in rows)


def test_a_digest_that_looks_like_a_card_number_is_none(folder: Folder) -> None:
    with writing(folder, "order") as connection:
        connection.execute("UPDATE purchase SET fingerprint = ?", (HEX,))

    assert broken(folder) == {}


def test_what_is_mended_while_we_look_again_is_no_violation(folder: Folder) -> None:
    with writing(folder, "inventory") as connection:
        connection.execute("UPDATE stock SET reserved = 3")

    def mend() -> None:
        time.sleep(0.05)
        with writing(folder, "inventory") as connection:
            connection.execute("UPDATE stock SET reserved = 4")

    mending = threading.Thread(target=mend)
    mending.start()
    found = broken(folder, pause_s=0.5)
    mending.join()

    assert found == {}


def test_a_store_that_writes_is_read_all_the_same(folder: Folder) -> None:
    with writing(folder, "order") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE book_order SET total = 1 WHERE serial = 1")

        assert broken(folder) == {}  # not committed, so not so


def test_databases_that_are_none_are_one_sentence(folder: Folder) -> None:
    folder.file("order").write_bytes(b"no database" * 1000)

    with pytest.raises(CommandError, match="cannot be read"):
        examine(files(folder), 0)


@pytest.mark.parametrize(
    "named", ["order", "order=nonsense", "order=mysql://host/order", "orders=sqlite:////order.db"]
)
def test_a_database_that_is_named_wrongly_is_one_sentence(named: str) -> None:
    outcome = CliRunner().invoke(app, ["verify", "--database", named])

    assert isinstance(outcome.exception, CommandError)
    assert "is not of the form order=sqlite" in str(outcome.exception)


def test_all_six_databases_must_be_named() -> None:
    outcome = CliRunner().invoke(app, ["verify", "--database", "order=sqlite:////order.db"])

    assert "database of catalog, customer" in str(outcome.exception)


@pytest.mark.parametrize(
    ("corruption", "code", "words"),
    [
        ("UPDATE book_order SET total = 1500 WHERE serial = 1", 0, "every invariant holds"),
        ("UPDATE book_order SET total = 1 WHERE serial = 1", 1, f"order {CONFIRMED}: total 1"),
    ],
)
def test_the_command_exits_with_what_it_found(
    folder: Folder, corruption: str, code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookstore.cli.verify.command.LOOK_AGAIN_S", 0)
    for service in ("catalog", "identity"):
        sqlite3.connect(folder.file(service)).close()
    with writing(folder, "order") as connection:
        connection.execute(corruption)
    services = ("catalog", "customer", "identity", "inventory", "order", "payment")
    named = [
        f"--database={service}={folder.url(service)}" for service in (*services, "card-network")
    ]

    by_folder = CliRunner().invoke(app, ["verify", "--data", str(folder.path)])
    by_name = CliRunner().invoke(app, ["verify", *named])

    assert (by_folder.exit_code, by_name.exit_code) == (code, code)
    assert words in by_folder.output.replace("\n", "")
    assert by_name.output == by_folder.output
