"""What must hold of the store's data at every moment, as a table: read it aloud.

An invariant counts what it looked at and selects the rows that break it, one sentence a row.
Orders with a saga under way are left out until its deadline, for they are on their way to one
state or the other.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bookstore.cli.verify.snapshot import schemas, text_columns
from bookstore.order.saga import SAGAS
from bookstore.saga.registry import UnknownSagaError

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Orders that no saga is changing just now.
_AT_REST: Final = """
    id NOT IN (SELECT subject FROM ordering.saga WHERE state NOT IN ('completed', 'compensated'))
"""
_SETTLED: Final = """
    SELECT subject FROM ordering.saga JOIN ordering.saga_event ON saga_id = id
    WHERE saga_event.status = 'settled'
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many things an invariant looked at, and a sentence for each that breaks it."""

    invariant: str
    checked: int
    offenders: tuple[str, ...]

    def only(self, suspects: Iterable[str]) -> "Finding":
        """Leave out what was not suspected before."""
        known = set(suspects)
        still = tuple(row for row in self.offenders if row in known)
        return Finding(self.invariant, self.checked, still)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must be true, how to count what it is about, and what breaks it."""

    sentence: str
    count: str
    broken: str | Callable[[sqlite3.Connection], Iterable[str]]
    needs: str = "ordering"  # the schema without which there is nothing to look at


def check(connection: sqlite3.Connection, invariant: Invariant) -> Finding:
    """Run one invariant on a snapshot."""
    if invariant.needs not in schemas(connection):
        return Finding(invariant.sentence, 0, ())
    now = {"now": (datetime.now(UTC) - _EPOCH) // timedelta(microseconds=1)}
    (checked,) = connection.execute(invariant.count, now).fetchone()
    if callable(invariant.broken):
        offenders = tuple(invariant.broken(connection))
    else:
        offenders = tuple(row[0] for row in connection.execute(invariant.broken, now))
    return Finding(invariant.sentence, checked, offenders)


def _card_numbers(connection: sqlite3.Connection) -> Iterable[str]:
    """Name each column that holds a card number, never the number; phone numbers are none."""
    for schema, table, column in text_columns(connection):
        if column != "phone":
            (rows,) = connection.execute(
                f'SELECT count(*) FROM {schema}."{table}" WHERE holds_card_number("{column}")'
            ).fetchone()
            if rows:
                yield f"{schema}.{table}.{column} holds a card number in {rows} rows"


def _steps_left_out(connection: sqlite3.Connection) -> Iterable[str]:
    """Name each completed saga that has a step of which it is not written that it was done."""
    rows = connection.execute(
        """SELECT id, name, version, subject,
                  (SELECT group_concat(step, ' ') FROM ordering.saga_event
                   WHERE saga_id = id AND kind = 'do' AND status IN ('done', 'settled'))
           FROM ordering.saga WHERE state = 'completed' AND id NOT IN
                (SELECT saga_id FROM ordering.saga_event WHERE status = 'abandoned')"""
    )
    for saga_id, name, version, order_id, passed in rows:
        done = set((passed or "").split())
        missing = [step for step in _steps(name, version) if step not in done]
        if missing:
            yield (
                f"saga {saga_id} ({name} of order {order_id}) is completed without "
                + ", ".join(missing)
            )


def _steps(name: str, version: int) -> list[str]:
    try:
        return [step.name for step in SAGAS.get(name, version).steps]
    except UnknownSagaError:  # of a version that nobody knows any more
        return []


INVARIANTS: Final = (
    Invariant(
        "stock is never negative, nor less than what is reserved of it",
        "SELECT count(*) FROM inventory.stock",
        """SELECT 'stock ' || id || ': ' || quantity || ' copies, ' || reserved || ' reserved'
           FROM inventory.stock WHERE NOT (0 <= reserved AND reserved <= quantity)""",
    ),
    Invariant(
        "stock is what its ledger says",
        "SELECT count(*) FROM inventory.movement",
        """SELECT 'stock ' || id || ' is off its ledger by ' || sum(quantity) || ' copies and '
                  || sum(reserved) || ' reserved'
           FROM (SELECT id, quantity, reserved FROM inventory.stock
                 UNION ALL SELECT stock_id, -quantity, -reserved FROM inventory.movement)
           GROUP BY id HAVING sum(quantity) <> 0 OR sum(reserved) <> 0""",
    ),
    Invariant(
        "what is reserved of stock is what orders hold of it",
        "SELECT count(*) FROM inventory.reservation",
        """SELECT 'stock ' || id || ': ' || sum(reserved) || ' reserved, ' || sum(held) || ' held'
           FROM (SELECT id, reserved, 0 AS held FROM inventory.stock
                 UNION ALL SELECT stock_id, 0, quantity FROM inventory.reservation
                 WHERE status = 'held')
           GROUP BY id HAVING sum(reserved) <> sum(held)""",
    ),
    Invariant(
        "an order holds its lines until it is shipped, and a cancelled one nothing",
        "SELECT count(*) FROM ordering.book_order_item",
        f"""SELECT 'order ' || id || ', book ' || book_id || ': '
                   || sum(lines) || ' to be ' || what || ', ' || sum(there) || ' are'
            FROM (SELECT o.id, book_id, quantity AS lines, 0 AS there,
                         CASE o.status WHEN 'confirmed' THEN 'held' ELSE 'shipped' END AS what
                  FROM ordering.book_order o
                  JOIN ordering.book_order_item ON order_serial = serial
                  WHERE o.status IN ('confirmed', 'shipping', 'completed')
                  UNION ALL SELECT order_id, book_id, 0, quantity, status
                  FROM inventory.reservation WHERE status IN ('held', 'shipped'))
            WHERE {_AT_REST}
            GROUP BY id, book_id, what HAVING sum(lines) <> sum(there)""",
    ),
    Invariant(
        "who was told that a book is out of stock asked for more than there was",
        "SELECT count(*) FROM inventory.shortage",
        f"""SELECT 'order ' || order_id || ', book ' || book_id || ': asked for ' || asked
                   || ', there were ' || available
            FROM inventory.shortage WHERE available >= asked
            UNION ALL
            SELECT 'order ' || id || ' was out of stock, but no shortage was recorded'
            FROM ordering.book_order
            WHERE reason = 'out-of-stock' AND status = 'cancelled' AND {_AT_REST}
              AND id NOT IN (SELECT order_id FROM inventory.shortage)""",
    ),
    Invariant(
        "each confirmed order was captured once",
        """SELECT count(*) FROM ordering.book_order
           WHERE status IN ('confirmed', 'shipping', 'completed')""",
        f"""SELECT 'order ' || id || ' is ' || status || ' with ' || captures || ' captures'
            FROM (SELECT o.id, o.status, count(p.id) AS captures FROM ordering.book_order o
                  LEFT JOIN payment.payment p
                    ON p.order_id = o.id AND p.status IN ('captured', 'refunded')
                  GROUP BY o.id)
            WHERE status IN ('confirmed', 'shipping', 'completed') AND captures <> 1
              AND {_AT_REST}""",
    ),
    Invariant(
        "of a cancelled order no money is kept",
        "SELECT count(*) FROM ordering.book_order WHERE status = 'cancelled'",
        f"""SELECT 'order ' || id || ' is cancelled, but ' || kept || ' were kept'
            FROM (SELECT o.id, p.captured_amount - p.refunded_amount AS kept
                  FROM ordering.book_order o
                  JOIN payment.payment p ON p.order_id = o.id WHERE o.status = 'cancelled')
            WHERE kept <> 0 AND {_AT_REST} AND id NOT IN ({_SETTLED})""",
    ),
    Invariant(
        "what was captured is the order's total, and what was paid back its refunds",
        "SELECT count(*) FROM payment.payment WHERE captured_amount > 0",
        f"""SELECT 'order ' || id || ': ' || captured || ' captured of ' || total || ', '
                   || refunded || ' paid back of ' || granted || ' granted'
            FROM (SELECT o.id, p.captured_amount AS captured, o.total,
                         p.refunded_amount AS refunded,
                         p.currency = o.currency AS same_currency,
                         (SELECT coalesce(sum(amount), 0) FROM payment.refund r
                          WHERE r.payment_id = p.id AND r.status = 'refunded') AS granted
                  FROM payment.payment p JOIN ordering.book_order o ON o.id = p.order_id
                  WHERE p.status IN ('captured', 'refunded'))
            WHERE (captured <> total OR refunded <> granted OR NOT same_currency)
              AND {_AT_REST}""",
    ),
    Invariant(
        "an order's total is the sum of its lines, and whoever is confirmed has a number",
        "SELECT count(*) FROM ordering.book_order",
        """SELECT 'order ' || id || ': total ' || total
                  || ', its lines ' || coalesce(lines, 'none')
                  || ', number ' || coalesce(number, 'none')
           FROM (SELECT id, total, number, status, sum(quantity * unit_price) AS lines
                 FROM ordering.book_order LEFT JOIN ordering.book_order_item
                   ON order_serial = serial GROUP BY serial)
           WHERE lines IS NOT total
              OR number IS NULL AND status NOT IN ('pending', 'cancelled')""",
    ),
    Invariant(
        "every accepted order exists, wherever it is spoken of",
        "SELECT count(*) FROM ordering.purchase",
        """SELECT who || ' speaks of order ' || order_id || ', which does not exist'
           FROM (SELECT 'a purchase' AS who, order_id FROM ordering.purchase
                 UNION SELECT 'a saga', subject FROM ordering.saga
                 UNION SELECT 'a payment', order_id FROM payment.payment
                 UNION SELECT 'a reservation', order_id FROM inventory.reservation)
           WHERE order_id NOT IN (SELECT id FROM ordering.book_order)
           UNION ALL SELECT 'order ' || id || ' has no saga' FROM ordering.book_order
           WHERE id NOT IN (SELECT subject FROM ordering.saga WHERE name = 'place_order')""",
    ),
    Invariant(
        "whoever bought something can be told how it ended, once it has",
        "SELECT count(*) FROM ordering.purchase",
        f"""SELECT 'order ' || id || ' is ' || status || ', but its purchase has no ending'
            FROM (SELECT o.id, o.status FROM ordering.book_order o
                  JOIN ordering.purchase ON order_id = o.id WHERE ending IS NULL)
            WHERE status IN ('confirmed', 'shipping', 'completed', 'cancelled') AND {_AT_REST}""",
    ),
    Invariant(
        "of what happened to a saga nothing is missing",
        "SELECT count(*) FROM ordering.saga_event",
        """SELECT 'saga ' || saga_id || ' has ' || count(*) || ' events, numbered '
                  || min(seq) || ' to ' || max(seq)
           FROM ordering.saga_event GROUP BY saga_id
           HAVING min(seq) <> 1 OR max(seq) <> count(*)""",
    ),
    Invariant(
        "a completed saga has done all its steps",
        "SELECT count(*) FROM ordering.saga WHERE state = 'completed'",
        _steps_left_out,
    ),
    Invariant(
        "every saga has ended, or is younger than its deadline",
        "SELECT count(*) FROM ordering.saga",
        """SELECT 'saga ' || id || ' (' || name || ' of order ' || subject || ') is ' || state
           FROM ordering.saga
           WHERE state NOT IN ('completed', 'compensated') AND deadline < :now""",
    ),
    Invariant(
        "no money is held for an order that is over",
        "SELECT count(*) FROM payment.payment",
        f"""SELECT 'payment ' || payment_id || ' of order ' || id || ' is ' || status
            FROM (SELECT id AS payment_id, order_id AS id, status FROM payment.payment)
            WHERE status IN ('started', 'authorised') AND {_AT_REST}""",
    ),
    Invariant(
        "the card network holds and took no money that no payment knows of",
        "SELECT count(*) FROM network.network_authorisation",
        f"""SELECT 'the network ' || status || ' ' || amount || ' under ' || network_key
                   || ', the payment is ' || ours
            FROM (SELECT n.network_key, n.amount, p.order_id AS id, coalesce(p.status, 'missing')
                         AS ours, CASE n.status WHEN 'captured' THEN 'took' ELSE 'holds' END
                         AS status
                  FROM network.network_authorisation n
                  LEFT JOIN payment.payment p ON p.network_key = n.network_key
                  WHERE n.status IN ('authorised', 'captured'))
            WHERE ours IN ('missing', 'voided', 'declined') AND (id IS NULL OR {_AT_REST})""",
        needs="network",
    ),
    Invariant(
        "points are what their ledger says",
        "SELECT count(*) FROM customer.point",
        """SELECT 'customer ' || customer_id || ' is off the ledger by ' || sum(balance)
                  || ' points'
           FROM (SELECT customer_id, balance FROM customer.point
                 UNION ALL SELECT customer_id, -difference FROM customer.point_entry)
           GROUP BY customer_id HAVING sum(balance) <> 0""",
        needs="customer",
    ),
    Invariant(
        "no card number is kept anywhere",
        """SELECT (SELECT count(*) FROM ordering.book_order)
                + (SELECT count(*) FROM payment.payment)""",
        _card_numbers,
    ),
    Invariant(
        "what staff settled outside the store is counted here",
        "SELECT count(*) FROM ordering.saga_event WHERE status = 'settled'",
        "SELECT 1 WHERE 0",
    ),
)
