"""Money: payments fit themselves, their refunds and their orders."""

from typing import Final

from bookstore.cli.verify.invariant import AT_REST, Invariant

MONEY: Final = (
    Invariant(
        "a payment's amounts fit its status",
        "SELECT count(*) FROM payment.payment",
        """SELECT 'the payment of order ' || order_id || ' is ' || status || ': ' || amount || ', '
                  || captured_amount || ' captured, ' || refunded_amount || ' paid back, '
                  || settled_amount || ' settled outside, paid '
                  || CASE WHEN payment_date IS NULL THEN 'never' ELSE 'some day' END
           FROM payment.payment
           WHERE amount < 0 OR payment_type <> 'card' OR settled_amount < 0
              OR (settled_amount > 0) <> (reason IS 'settled-outside') OR CASE
               WHEN status IN ('started', 'authorised', 'voided', 'declined')
               THEN captured_amount <> 0 OR refunded_amount <> 0 OR settled_amount <> 0
                    OR payment_date IS NOT NULL
                    OR status = 'declined' AND reason IS NULL
               WHEN status = 'captured'
               THEN captured_amount <> amount OR payment_date IS NULL OR settled_amount <> 0
                    OR refunded_amount >= captured_amount AND amount > 0
               WHEN status = 'refunded'
               THEN captured_amount <> amount OR payment_date IS NULL
                    OR refunded_amount + settled_amount <> captured_amount
               ELSE 1 END""",
    ),
    Invariant(
        "what was paid back is the sum of its refunds, and all together no more than was captured",
        "SELECT count(*) FROM payment.refund",
        """SELECT 'of order ' || order_id || ' ' || refunded || ' was paid back of ' || captured
                  || ', its refunds are ' || granted || ' and ' || open || ' under way, '
                  || settled || ' was settled outside'
           FROM (SELECT order_id, captured_amount AS captured, refunded_amount AS refunded,
                        settled_amount AS settled,
                        coalesce(sum(r.amount) FILTER (WHERE r.status = 'refunded'), 0) AS granted,
                        coalesce(sum(r.amount) FILTER (WHERE r.status = 'started'), 0) AS open
                 FROM payment.payment p LEFT JOIN payment.refund r ON r.payment_id = p.id
                 GROUP BY p.id)
           WHERE refunded <> granted OR refunded + open + settled > captured""",
    ),
    Invariant(
        "each refund is of a payment, in its currency, and known to whoever asked for it",
        "SELECT count(*) FROM payment.refund",
        """SELECT 'refund ' || r.id || ' of ' || r.amount || ' ' || r.currency || ' is '
                  || r.status || ', its payment is in ' || coalesce(p.currency, 'no books')
           FROM payment.refund r LEFT JOIN payment.payment p ON p.id = r.payment_id
           WHERE r.currency IS NOT p.currency OR r.amount <= 0
              OR r.status NOT IN ('started', 'refunded', 'declined')
              OR r.network_key LIKE 'refund:%' AND r.network_key <> 'refund:' || r.id
           UNION ALL SELECT 'refund ' || answer || ' was asked for under a key, and is missing'
           FROM payment.idempotency
           WHERE operation = 'refund'
             AND trim(answer, '"') NOT IN (SELECT id FROM payment.refund)""",
    ),
    Invariant(
        "what is paid is the order's total, in its currency",
        "SELECT count(*) FROM payment.payment",
        """SELECT 'order ' || o.id || ' costs ' || o.total || ' ' || o.currency
                  || ', its payment is of ' || p.amount || ' ' || p.currency
           FROM payment.payment p JOIN ordering.book_order o ON o.id = p.order_id
           WHERE p.amount <> o.total OR p.currency <> o.currency""",
    ),
    Invariant(
        "the payment that a saga was told of is the order's",
        "SELECT count(*) FROM payment.payment",
        """SELECT 'order ' || subject || ' is paid by ' || p.id || ', its saga was told by '
                  || coalesce(json_extract(document(detail), '$.payment_id'), 'none')
           FROM ordering.saga s JOIN ordering.saga_event ON saga_id = s.id
           JOIN payment.payment p ON p.order_id = subject
           WHERE step = 'make_payment' AND kind = 'do' AND saga_event.status = 'done'
             AND json_extract(document(detail), '$.payment_id') IS NOT p.id""",
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
              AND {AT_REST}""",
    ),
    Invariant(
        "of a cancelled order no money is kept",
        "SELECT count(*) FROM ordering.book_order WHERE status = 'cancelled'",
        f"""SELECT 'order ' || id || ' is cancelled, but ' || kept || ' were kept'
            FROM (SELECT o.id, p.captured_amount - p.refunded_amount - p.settled_amount AS kept
                  FROM ordering.book_order o
                  JOIN payment.payment p ON p.order_id = o.id WHERE o.status = 'cancelled')
            WHERE kept <> 0 AND {AT_REST}""",
    ),
    Invariant(
        "no money is held for an order that is over",
        "SELECT count(*) FROM payment.payment",
        f"""SELECT 'payment ' || payment_id || ' of order ' || id || ' is ' || status
            FROM (SELECT id AS payment_id, order_id AS id, status FROM payment.payment)
            WHERE status IN ('started', 'authorised') AND {AT_REST}""",
    ),
)
