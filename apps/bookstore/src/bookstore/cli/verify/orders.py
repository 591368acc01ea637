"""Orders: their lines, their sagas' outcomes and what was answered to whoever bought agree."""

from typing import Final

from bookstore.cli.verify.invariant import AT_REST, Invariant
from bookstore.order.application.place_order import KEPT_FOR
from bookstore.order.domain.ending import FAILURES

_KEPT_FOR: Final = int(KEPT_FOR.total_seconds()) * 1_000_000
_FAILURES: Final = ", ".join(f"'{code}'" for code in (*FAILURES, "order-failed"))

ORDERS: Final = (
    Invariant(
        "an order's total is the sum of its lines, each of another book",
        "SELECT count(*) FROM ordering.book_order_item",
        """SELECT 'order ' || id || ': total ' || total || ' ' || currency || ', its lines '
                  || coalesce(lines, 'none') || ', numbered ' || coalesce(last, 'not')
           FROM (SELECT id, total, currency, sum(quantity * unit_price) AS lines,
                        min(quantity) AS fewest, min(unit_price) AS cheapest,
                        min(position) AS first, max(position) AS last, count(*) AS count,
                        count(DISTINCT book_id) AS books, count(DISTINCT request_index) AS indexes
                 FROM ordering.book_order LEFT JOIN ordering.book_order_item
                   ON order_serial = serial GROUP BY serial)
           WHERE lines IS NOT total OR currency NOT GLOB '[A-Z][A-Z][A-Z]' OR fewest < 1
              OR cheapest < 0 OR first <> 0 OR last <> count - 1 OR books <> count
              OR indexes <> count
           UNION ALL SELECT 'a line of book ' || book_id || ' is of no order: ' || order_serial
           FROM ordering.book_order_item
           WHERE order_serial NOT IN (SELECT serial FROM ordering.book_order)""",
    ),
    Invariant(
        "whoever is confirmed has a number, and it is the order's own",
        "SELECT count(*) FROM ordering.book_order",
        """SELECT 'order ' || id || ' is ' || status || ', the ' || serial || 'th, number '
                  || coalesce(number, 'none')
           FROM ordering.book_order
           WHERE number IS NULL AND status NOT IN ('pending', 'cancelled')
              OR number IS NOT NULL AND status = 'pending'
              OR number NOT GLOB '20[0-9][0-9]-*'
              OR substr(number, 6) <> printf('%06d', serial)""",
    ),
    Invariant(
        "every accepted order exists, wherever it is spoken of",
        "SELECT count(*) FROM ordering.purchase",
        """SELECT who || ' speaks of order ' || order_id || ', which does not exist'
           FROM (SELECT 'a purchase' AS who, order_id FROM ordering.purchase
                 UNION SELECT 'a saga', subject FROM ordering.saga
                 UNION SELECT 'a payment', order_id FROM payment.payment
                 UNION SELECT 'a reservation', order_id FROM inventory.reservation
                 UNION SELECT 'a shortage', order_id FROM inventory.shortage
                 UNION SELECT 'a movement', order_id FROM inventory.movement
                 WHERE order_id IS NOT NULL)
           WHERE order_id NOT IN (SELECT id FROM ordering.book_order)
           UNION ALL SELECT 'order ' || id || ' has no saga' FROM ordering.book_order
           WHERE id NOT IN (SELECT subject FROM ordering.saga WHERE name = 'place_order')""",
    ),
    Invariant(
        "an order stands where its sagas have left it",
        "SELECT count(*) FROM ordering.book_order",
        f"""SELECT 'order ' || id || ' is ' || status || ', its sagas: '
                   || coalesce(outcomes, 'none')
            FROM (SELECT o.id, o.status, group_concat(s.name || ' ' || s.state, ', ') AS outcomes,
                         sum(s.name = 'place_order' AND s.state = 'completed') AS placed,
                         sum(s.name = 'place_order' AND s.state = 'compensated') AS failed,
                         sum(s.name = 'cancel_order' AND s.state = 'completed') AS cancelled,
                         sum(s.name = 'ship_order' AND s.state = 'completed') AS shipped
                  FROM ordering.book_order o JOIN ordering.saga s ON s.subject = o.id
                  GROUP BY o.id)
            WHERE NOT CASE
                WHEN status = 'confirmed' THEN placed = 1 AND cancelled = 0 AND shipped = 0
                WHEN status IN ('shipping', 'completed')
                THEN placed = 1 AND cancelled = 0 AND shipped = 1
                WHEN status = 'cancelled' THEN failed + cancelled > 0 AND shipped = 0
                ELSE 0 END AND {AT_REST}""",
    ),
    Invariant(
        "an order that is cancelled says why, and no other does",
        "SELECT count(*) FROM ordering.book_order WHERE status = 'cancelled'",
        f"""SELECT 'order ' || id || ' is ' || status || ' for ' || coalesce(reason, 'no reason')
            FROM ordering.book_order
            WHERE CASE status
                WHEN 'cancelled' THEN reason IS NULL WHEN 'cancelling' THEN reason IS NULL
                WHEN 'pending' THEN (reason IS NULL) = cancel_requested
                WHEN 'placed' THEN (reason IS NULL) = cancel_requested
                ELSE reason IS NOT NULL OR cancel_requested END
               OR reason NOT IN ({_FAILURES}, 'cancelled-by-customer', 'cancelled-by-staff')""",
    ),
    Invariant(
        "whoever bought something within seven days is answered the same again",
        "SELECT count(*) FROM ordering.purchase",
        f"""SELECT 'order ' || o.id || ' has no purchase of its own moment'
            FROM ordering.book_order o LEFT JOIN ordering.purchase p ON p.order_id = o.id
            WHERE CASE WHEN p.order_id IS NULL THEN o.created_at > :now - {_KEPT_FOR}
                  ELSE p.created_at <> o.created_at END""",
    ),
    Invariant(
        "whoever bought something can be told how it ended, once it has",
        "SELECT count(*) FROM ordering.purchase",
        f"""SELECT 'order ' || id || ' is ' || status || ', but its purchase has no ending'
            FROM (SELECT o.id, o.status FROM ordering.book_order o
                  JOIN ordering.purchase ON order_id = o.id WHERE ending IS NULL)
            WHERE status IN ('confirmed', 'shipping', 'completed', 'cancelled') AND {AT_REST}""",
    ),
    Invariant(
        "what whoever bought was told is how the order ended",
        "SELECT count(*) FROM ordering.purchase WHERE ending IS NOT NULL",
        f"""SELECT 'order ' || id || ' (' || status || ', ' || total || ' ' || currency
                   || '): its purchase was told that order ' || coalesce(told_id, 'none') || ' of '
                   || coalesce(told_total, 'nothing') || ' is ' || coalesce(told, 'nowhere')
                   || coalesce(', ' || code, '')
            FROM (SELECT o.*, json_extract(document(ending), '$.code') AS code,
                         json_extract(document(ending), '$.order.id') AS told_id,
                         json_extract(document(ending), '$.order.status') AS told,
                         json_extract(document(ending), '$.order.number') AS told_no,
                         json_extract(document(ending), '$.order.user_id') AS told_user,
                         json_extract(document(ending), '$.order.total.amount') || ' '
                         || json_extract(document(ending), '$.order.total.currency') AS told_total,
                         (SELECT group_concat(book_id || ' ' || quantity || ' ' || unit_price
                                              || ' ' || request_index || ' ' || title)
                          FROM (SELECT * FROM ordering.book_order_item
                                WHERE order_serial = o.serial ORDER BY position)) AS lines,
                         (SELECT group_concat(json_extract(value, '$.book_id') || ' '
                                              || json_extract(value, '$.quantity') || ' '
                                              || json_extract(value, '$.unit_price.amount')
                                              || ' ' || json_extract(value, '$.index')
                                              || ' ' || json_extract(value, '$.title'))
                          FROM json_each(document(ending), '$.order.lines')) AS told_lines
                  FROM ordering.book_order o JOIN ordering.purchase ON order_id = o.id
                  WHERE ending IS NOT NULL)
            WHERE told_id IS NOT id OR told_user IS NOT user_id OR told_no IS NOT number
               OR told_total IS NOT total || ' ' || currency OR told_lines IS NOT lines
               OR CASE WHEN code IS NULL
                  THEN told IS NOT 'confirmed' OR status IN ('pending', 'placed', 'paid')
                    OR reason IN ({_FAILURES})
                  ELSE code NOT IN ({_FAILURES}) OR told IS NOT 'cancelled'
                    OR status <> 'cancelled'
                    OR reason IN ({_FAILURES}) AND reason <> code AND code <> 'order-cancelled' END
               OR (code IS NULL) <> EXISTS (
                  SELECT * FROM ordering.saga_event
                  WHERE saga_id = id AND step = 'confirm_order' AND status = 'done')
                  AND {AT_REST}""",
    ),
)
