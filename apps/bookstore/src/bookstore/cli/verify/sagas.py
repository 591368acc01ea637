"""Sagas: what is written of each leads step by step to where it stands."""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from bookstore.cli.verify.invariant import Invariant
from bookstore.order.saga import SAGAS
from bookstore.saga.registry import UnknownSagaError
from bookstore.saga.spec import Saga

_TURNED: Final = ("compensating", "compensated")
_ENDED: Final = ("completed", "compensated")
_PASSED: Final = ("done", "settled")
_FAILED: Final = ("rejected", "failed", "timed-out")
_KNOWN: Final = (*_PASSED, *_FAILED, "retried", "abandoned")
_NAMES: Final = ", ".join(sorted({f"'{saga.name}'" for saga in SAGAS}))


def _wrong_turns(connection: sqlite3.Connection) -> Iterator[str]:
    """Name each saga whose events are not those of its table of steps."""
    rows = connection.execute(
        """SELECT s.id, name, version, subject, s.state, e.step, e.kind, e.status,
                  e.state AS then_
           FROM ordering.saga s JOIN ordering.saga_event e ON saga_id = s.id
           ORDER BY saga_id, seq"""
    )
    for _, events in groupby(rows, key=lambda row: row["id"]):
        told = list(events)
        saga = _spec(told[0])
        problem = saga and _problem(saga, told)
        if problem:
            last = told[-1]
            yield f"saga {last['id']} ({last['name']} of order {last['subject']}) {problem}"


def _problem(saga: Saga, events: list[sqlite3.Row]) -> str | None:
    """Walk through the steps as the events tell it; say where they leave the path."""
    index, kind, state = 0, "do", "running"
    for event in events:
        expected = saga.steps[index].name if 0 <= index < len(saga.steps) else "nothing"
        if state in _ENDED or (event["step"], event["kind"]) != (expected, kind):
            return f"comes to {event['kind']} {event['step']}, not to {kind} {expected}"
        status, then = event["status"], event["then_"]
        if status in _PASSED:
            index = index + 1 if kind == "do" else _undo_from(saga, index - 1)
        elif status in _FAILED and kind == "do" and then in _TURNED:
            kind, index = "undo", _undo_from(saga, index)
        state = _state(saga, index, kind)
        if status == "abandoned":
            state = "compensated"
        elif status in _FAILED and then == "stuck":
            state = "stuck"
        if then != state or status not in _KNOWN:
            return f"is {then} after {kind} {event['step']} was {status}, not {state}"
    return None if events[-1]["state"] == state else f"is {events[-1]['state']}, not {state}"


def _state(saga: Saga, index: int, kind: str) -> str:
    if kind == "undo":
        return "compensated" if index < 0 else "compensating"
    return "completed" if index == len(saga.steps) else "running"


def _undo_from(saga: Saga, index: int) -> int:
    return next((i for i in range(index, -1, -1) if saga.steps[i].can_be_undone), -1)


def _spec(row: sqlite3.Row) -> Saga | None:
    try:
        return SAGAS.get(row["name"], row["version"])
    except UnknownSagaError:  # of a version that nobody knows any more
        return None


SAGA: Final = (
    Invariant(
        "of what happened to a saga nothing is missing",
        "SELECT count(*) FROM ordering.saga_event",
        f"""SELECT 'saga ' || saga_id || ' has ' || count(*) || ' events, numbered '
                   || min(seq) || ' to ' || max(seq)
            FROM ordering.saga_event GROUP BY saga_id
            HAVING min(seq) <> 1 OR max(seq) <> count(*)
            UNION ALL SELECT 'saga ' || id || ' (' || name || ' of order ' || subject || ') is '
                   || state || ' without an event, or unheard of'
            FROM ordering.saga
            WHERE name NOT IN ({_NAMES})
               OR state <> 'requested' AND id NOT IN (SELECT saga_id FROM ordering.saga_event)
            UNION ALL SELECT DISTINCT 'events speak of saga ' || saga_id || ', which is missing'
            FROM ordering.saga_event WHERE saga_id NOT IN (SELECT id FROM ordering.saga)""",
    ),
    Invariant(
        "a saga has gone through its steps, there and back, to where it stands",
        "SELECT count(*) FROM ordering.saga",
        _wrong_turns,
    ),
    Invariant(
        "every saga has ended, or is younger than its deadline",
        "SELECT count(*) FROM ordering.saga",
        """SELECT 'saga ' || id || ' (' || name || ' of order ' || subject || ') is ' || state
           FROM ordering.saga
           WHERE state NOT IN ('completed', 'compensated') AND deadline < :now""",
    ),
    Invariant(
        "a saga was asked for its own order: the customer, the amount and the lines",
        "SELECT count(*) FROM ordering.saga",
        """SELECT 'saga ' || id || ' (' || name || ' of order ' || subject || ') was asked for '
                  || input
           FROM (SELECT s.id, s.name, s.subject, s.input, o.id AS order_id, user_id, total,
                        currency,
                        (SELECT group_concat(book_id || ' ' || quantity)
                         FROM (SELECT * FROM ordering.book_order_item
                               WHERE order_serial = o.serial ORDER BY position)) AS lines,
                        (SELECT group_concat(json_extract(value, '$.book_id') || ' '
                                             || json_extract(value, '$.quantity'))
                         FROM json_each(document(s.input), '$.lines')) AS wanted
                 FROM ordering.saga s JOIN ordering.book_order o ON o.id = s.subject)
           WHERE json_extract(document(input), '$.order_id') IS NOT subject
              OR name = 'place_order' AND (
                 id <> subject OR json_extract(document(input), '$.user_id') IS NOT user_id
                 OR json_extract(document(input), '$.amount') IS NOT total
                 OR json_extract(document(input), '$.currency') IS NOT currency
                 OR wanted IS NOT lines)""",
    ),
    Invariant(  # the payment is settled first; whoever is cut off then may also retry the saga
        "what staff settled outside the store is counted here, and on the payment",
        "SELECT count(*) FROM ordering.saga_event WHERE status = 'settled'",
        """SELECT 'saga ' || saga_id || ' was settled at ' || step
           FROM ordering.saga_event WHERE status = 'settled' AND step <> 'refund_payment'
           UNION ALL SELECT 'order ' || s.subject || ' was settled outside, but '
                  || (captured_amount - refunded_amount - settled_amount) || ' of it is kept'
           FROM ordering.saga s JOIN ordering.saga_event e ON e.saga_id = s.id
           JOIN payment.payment p ON p.order_id = s.subject
           WHERE e.status = 'settled' AND refunded_amount + settled_amount <> captured_amount
           UNION ALL SELECT 'of order ' || order_id || ' ' || settled_amount
                  || ' was settled outside, which no saga knows'
           FROM payment.payment
           WHERE settled_amount <> 0 AND order_id NOT IN (
             SELECT subject FROM ordering.saga s JOIN ordering.saga_event e ON e.saga_id = s.id
             WHERE s.name = 'cancel_order'
               AND (s.state = 'stuck' OR e.status IN ('settled', 'retried')))""",
    ),
)
