"""Card numbers: there is none in any text of any table."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from bookstore.cli.verify.invariant import Invariant
from bookstore.cli.verify.snapshot import text_columns


def _card_numbers(connection: sqlite3.Connection) -> Iterable[str]:
    """Name each column that holds a card number, never the number; phone numbers are none."""
    for schema, table, column in text_columns(connection):
        if column != "phone":
            (rows,) = connection.execute(
                f'SELECT count(*) FROM {schema}."{table}" WHERE holds_card_number("{column}")'
            ).fetchone()
            if rows:
                yield f"{schema}.{table}.{column} holds a card number in {rows} rows"


CARDS: Final = (
    Invariant(
        "no card number is kept anywhere",
        """SELECT (SELECT count(*) FROM ordering.book_order)
                + (SELECT count(*) FROM payment.payment)""",
        _card_numbers,
    ),
)
