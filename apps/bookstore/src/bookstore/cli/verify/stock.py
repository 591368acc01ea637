"""Stock: its ledger adds up line by line, and orders hold what they bought."""

from typing import Final

from bookstore.cli.verify.invariant import AT_REST, Invariant

STOCK: Final = (
    Invariant(
        "stock is never negative, nor less than what is reserved of it",
        "SELECT count(*) FROM inventory.stock",
        """SELECT 'stock ' || id || ': ' || quantity || ' copies, ' || reserved || ' reserved'
           FROM inventory.stock WHERE NOT (0 <= reserved AND reserved <= quantity)""",
    ),
    Invariant(
        "stock is what its ledger says",
        "SELECT count(*) FROM inventory.movement",
        """SELECT 'stock ' || id || ' is off its ledger by ' || sum(quantity) || ' copies, '
                  || sum(reserved) || ' reserved and ' || sum(version) || ' changes'
           FROM (SELECT id, quantity, reserved, version FROM inventory.stock
                 UNION ALL SELECT stock_id, -quantity, -reserved, -(kind <> 'removed')
                 FROM inventory.movement WHERE stock_id IN (SELECT id FROM inventory.stock)
                 UNION ALL SELECT stock_id, -quantity, -reserved, 0
                 FROM inventory.movement WHERE stock_id NOT IN (SELECT id FROM inventory.stock))
           GROUP BY id HAVING sum(quantity) <> 0 OR sum(reserved) <> 0 OR sum(version) <> 0""",
    ),
    Invariant(
        "the ledger of stock begins with what was stocked, and goes on from line to line",
        "SELECT count(*) FROM inventory.movement",
        """SELECT 'movement ' || id || ' of stock ' || stock_id || ' (' || kind || ') leaves '
                  || quantity_after || ' copies and ' || reserved_after || ' reserved, by the sum '
                  || quantities || ' and ' || reservations
           FROM (SELECT *, sum(quantity) OVER line AS quantities,
                        sum(reserved) OVER line AS reservations, row_number() OVER line AS place
                 FROM inventory.movement WINDOW line AS (PARTITION BY stock_id ORDER BY id))
           WHERE quantity_after <> quantities OR reserved_after <> reservations
              OR (place = 1) <> (kind = 'stocked')""",
    ),
    Invariant(
        "a movement of stock does what its kind says, on behalf of an order or of somebody",
        "SELECT count(*) FROM inventory.movement",
        """SELECT 'movement ' || id || ' of stock ' || stock_id || ' is ' || kind || ' by '
                  || quantity || ' copies and ' || reserved || ' reserved, for '
                  || coalesce('order ' || order_id, 'no order')
           FROM inventory.movement
           WHERE NOT CASE kind
               WHEN 'reserved' THEN quantity = 0 AND reserved > 0
               WHEN 'released' THEN quantity = 0 AND reserved < 0
               WHEN 'shipped' THEN quantity = reserved AND reserved < 0
               WHEN 'stocked' THEN quantity >= 0 AND reserved = 0
               WHEN 'removed' THEN quantity <= 0 AND reserved = 0
               ELSE kind IN ('edited', 'adjusted') AND reserved = 0 END
              OR (kind IN ('reserved', 'released', 'shipped')) <> (order_id IS NOT NULL)""",
    ),
    Invariant(
        "stock, its movements and reservations name the same book and warehouse, which exists",
        "SELECT count(*) FROM inventory.stock",
        """SELECT what || ' ' || row || ' is of book ' || r.book_id || ' in warehouse '
                  || r.warehouse_id || ', stock ' || r.stock_id || ' is not'
           FROM (SELECT 'movement' AS what, id AS row, stock_id, book_id, warehouse_id
                 FROM inventory.movement
                 UNION ALL SELECT 'reservation', id, stock_id, book_id, warehouse_id
                 FROM inventory.reservation) r
           JOIN inventory.stock s ON s.id = r.stock_id
           WHERE s.book_id <> r.book_id OR s.warehouse_id <> r.warehouse_id
           UNION ALL SELECT 'stock ' || id || ' lies in no warehouse: ' || warehouse_id
           FROM inventory.stock WHERE warehouse_id NOT IN (SELECT id FROM inventory.warehouse)""",
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
        "what an order reserved, let go and shipped is in the ledger of stock",
        "SELECT count(*) FROM inventory.reservation",
        """SELECT 'order ' || order_id || ', stock ' || stock_id || ': ' || sum(there)
                  || ' copies ' || kind || ', by the ledger ' || sum(moved)
           FROM (SELECT order_id, stock_id, 'reserved' AS kind, quantity AS there, 0 AS moved
                 FROM inventory.reservation
                 UNION ALL SELECT order_id, stock_id, status, quantity, 0
                 FROM inventory.reservation WHERE status <> 'held'
                 UNION ALL SELECT order_id, stock_id, kind, 0, abs(reserved)
                 FROM inventory.movement WHERE order_id IS NOT NULL)
           GROUP BY order_id, stock_id, kind HAVING sum(there) <> sum(moved)""",
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
            WHERE {AT_REST}
            GROUP BY id, book_id, what HAVING sum(lines) <> sum(there)""",
    ),
    Invariant(
        "who was told that a book is out of stock asked for more than there was",
        "SELECT count(*) FROM inventory.shortage",
        f"""SELECT 'order ' || order_id || ', book ' || s.book_id || ': asked for ' || asked
                   || ', there were ' || available || ', ordered '
                   || coalesce(i.quantity, 'none')
            FROM inventory.shortage s
            LEFT JOIN (SELECT id, book_id, quantity FROM ordering.book_order
                       JOIN ordering.book_order_item ON order_serial = serial) i
              ON i.id = order_id AND i.book_id = s.book_id
            WHERE available >= asked OR available < 0 OR i.quantity IS NOT asked
            UNION ALL
            SELECT 'order ' || id || ' was out of stock, but no shortage was recorded'
            FROM ordering.book_order
            WHERE reason = 'out-of-stock' AND status = 'cancelled' AND {AT_REST}
              AND id NOT IN (SELECT order_id FROM inventory.shortage)
            UNION ALL
            SELECT 'order ' || id || ' is ' || status || ', but was told ' || count(*) || ' times'
                   || ' that book ' || book_id || ' is out of stock'
            FROM (SELECT order_id AS id, book_id FROM inventory.shortage)
            JOIN ordering.book_order USING (id) WHERE {AT_REST}
            GROUP BY id, book_id HAVING count(*) > 1 OR status <> 'cancelled'""",
    ),
)
