"""A store's databases with a few orders in them, at peace with each other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bookstore.cli.folder import Folder, migrations
from bookstore.kit.database import open_database

SERVICES = ("customer", "inventory", "payment", "order")
NETWORK = migrations("payment").parent / "outbound/simulator/migrations"
STEPS = (
    *("place_order", "make_payment", "change_order_status"),
    *("reserve_inventory", "capture_payment", "confirm_order"),
)
USER = "01938a5e-1111-7d3a-8f21-000000000001"
NOW = 1_795_600_000_000_000  # microseconds
FUTURE = 9_000_000_000_000_000


def order_id(number: int) -> str:
    return f"01938a5e-7c4b-7d3a-9f21-00000000000{number}"


CONFIRMED, CANCELLED, SHORT, SHIPPED, REFUNDED, UNDER_WAY = map(order_id, range(1, 7))


def write_store(path: Path) -> Folder:
    """Six orders of one book: confirmed, cancelled, out of stock, shipped, refunded, under way."""
    folder = Folder(path)
    for service in SERVICES:
        with open_database(folder.url(service), migrations(service)):
            pass
    with open_database(folder.url("card-network"), NETWORK):
        pass
    with writing(folder, "customer") as customer:
        add(customer, "point", customer_id=USER, balance=30)
        add(customer, "point_entry", customer_id=USER, difference=50, balance=50)
        add(customer, "point_entry", customer_id=USER, difference=-20, balance=30)
    with writing(folder, "card-network") as network:
        _network(network)
    with writing(folder, "inventory") as inventory:
        _stock(inventory)
    with writing(folder, "payment") as payment:
        _payments(payment)
    with writing(folder, "order") as ordering:
        _orders(ordering)
    return folder


@contextmanager
def writing(folder: Folder, service: str) -> Iterator[sqlite3.Connection]:
    """Write as no service would: constraints are off."""
    with closing(sqlite3.connect(folder.file(service))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


def add(connection: sqlite3.Connection, table: str, **values: Any) -> None:
    """Insert a row; times and versions are filled in where the table has them."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    usual = {"created_at": NOW, "updated_at": NOW, "version": 1}
    row = {name: value for name, value in usual.items() if name in columns} | values
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)


def _stock(inventory: sqlite3.Connection) -> None:
    # 10 copies came; 1 is held for CONFIRMED, 1 for UNDER_WAY and 2 for REFUNDED; 1 has left.
    place = {"book_id": 7, "warehouse_id": 1}
    add(inventory, "warehouse", id=1, name="Main", folded_name="main")
    add(inventory, "stock", id=1, quantity=9, reserved=4, **place)
    movements = [
        ("stocked", 10, 0, None),
        ("reserved", 0, 1, CONFIRMED),
        ("reserved", 0, 1, SHIPPED),
        ("shipped", -1, -1, SHIPPED),
        ("reserved", 0, 2, REFUNDED),
        ("reserved", 0, 1, UNDER_WAY),
    ]
    quantity = reserved = 0
    for kind, by, held, order in movements:
        quantity, reserved = quantity + by, reserved + held
        after = {"quantity_after": quantity, "reserved_after": reserved}
        figures = {"quantity": by, "reserved": held, "order_id": order} | after | place
        add(inventory, "movement", stock_id=1, kind=kind, **figures)
    for order, copies, status in (
        (CONFIRMED, 1, "held"),
        (SHIPPED, 1, "shipped"),
        (REFUNDED, 2, "held"),
        (UNDER_WAY, 1, "held"),
    ):
        add(
            inventory,
            "reservation",
            stock_id=1,
            order_id=order,
            quantity=copies,
            status=status,
            **place,
        )
    add(inventory, "shortage", order_id=SHORT, book_id=7, asked=20, available=9)


def _network(network: sqlite3.Connection) -> None:
    for order, status in (
        (CONFIRMED, "captured"),
        (CANCELLED, "voided"),
        (UNDER_WAY, "authorised"),
    ):
        add(
            network,
            "network_authorisation",
            network_key=f"{order}:make_payment",
            token="tok_visa",
            currency="USD",
            amount=1500,
            refunded_amount=0,
            status=status,
        )


def _payments(payment: sqlite3.Connection) -> None:
    for order, amount, captured, refunded, status in (
        (CONFIRMED, 1500, 1500, 0, "captured"),
        (CANCELLED, 1500, 0, 0, "voided"),
        (SHORT, 30000, 0, 0, "voided"),
        (SHIPPED, 1500, 1500, 500, "captured"),
        (REFUNDED, 3000, 3000, 3000, "refunded"),
        (UNDER_WAY, 1500, 0, 0, "authorised"),
    ):
        add(
            payment,
            "payment",
            id=f"payment of {order[-1]}",
            order_id=order,
            user_id=USER,
            network_key=f"{order}:make_payment",
            payment_type="card",
            card_token="tok_…visa",
            currency="USD",
            amount=amount,
            captured_amount=captured,
            refunded_amount=refunded,
            status=status,
            deadline=NOW,
        )
    for number, order, amount, status in (
        (1, SHIPPED, 500, "refunded"),
        (2, REFUNDED, 3000, "refunded"),
        (3, CONFIRMED, 100, "declined"),
    ):
        add(
            payment,
            "refund",
            id=f"refund {number}",
            payment_id=f"payment of {order[-1]}",
            network_key=f"refund {number}",
            currency="USD",
            amount=amount,
            status=status,
        )


def _orders(ordering: sqlite3.Connection) -> None:
    for serial, (order, status, copies, reason, state) in enumerate(
        (
            (CONFIRMED, "confirmed", 1, None, "completed"),
            (CANCELLED, "cancelled", 1, "customer", "compensated"),
            (SHORT, "cancelled", 20, "out-of-stock", "compensated"),
            (SHIPPED, "completed", 1, None, "completed"),
            (REFUNDED, "confirmed", 2, None, "completed"),
            (UNDER_WAY, "paid", 1, None, "running"),
        ),
        1,
    ):
        add(
            ordering,
            "book_order",
            serial=serial,
            id=order,
            number=f"2026-{serial:06}",
            user_id=USER,
            status=status,
            cancel_requested=0,
            reason=reason,
            total=copies * 1500,
            currency="USD",
        )
        add(
            ordering,
            "book_order_item",
            order_serial=serial,
            position=0,
            book_id=7,
            title="Clean Code",
            quantity=copies,
            unit_price=1500,
            request_index=0,
        )
        add(
            ordering,
            "purchase",
            user_id=USER,
            idempotency_key=f"key {serial}",
            fingerprint="f",
            order_id=order,
            trace_id="0af7651916cd43dd8448eb211c80319c",
            ending=None if state == "running" else "{}",
        )
        add(
            ordering,
            "saga",
            id=order,
            name="place_order",
            version=1,
            subject=order,
            state=state,
            input="{}",
            deadline=FUTURE if state == "running" else NOW,
        )
        for seq, step in enumerate(STEPS if state == "completed" else (), 1):
            _did(ordering, order, seq, step)


def _did(ordering: sqlite3.Connection, order: str, seq: int, step: str) -> None:
    end = step == STEPS[-1]
    add(
        ordering,
        "saga_event",
        saga_id=order,
        seq=seq,
        epoch=1,
        step=step,
        kind="do",
        attempt=1,
        status="done",
        started_at=NOW,
        ended_at=NOW,
        detail="{}",
        state="completed" if end else "running",
    )
