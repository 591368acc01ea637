"""What somebody may do to a store's databases by hand, and what `verify` has to say of it.

Each is a statement, and a piece of the sentence with which it is named; {confirmed}
and the like stand for the ids of the orders of `a_real_store`.
"""

MONEY = [
    ("UPDATE payment SET captured_amount = 1", "1 captured"),
    (
        "UPDATE payment SET status = 'voided' WHERE order_id = '{confirmed}'",
        "order {confirmed} is confirmed with 0 captures",
    ),
    (
        "UPDATE payment SET status = 'authorised' WHERE order_id = '{cancelled}'",
        "of order {cancelled} is authorised",
    ),
    (
        "UPDATE payment SET amount = 1, captured_amount = 1 WHERE order_id = '{shipped}'",
        "order {shipped} costs 500 USD, its payment is of 1 USD",
    ),
    (
        "UPDATE payment SET currency = 'KRW' WHERE order_id = '{shipped}'",
        "order {shipped} costs 500 USD, its payment is of 500 KRW",
    ),
    (
        "UPDATE payment SET refunded_amount = 99 WHERE order_id = '{confirmed}'",
        "of order {confirmed} 99 was paid back of 4498, its refunds are 100 and 0 under way",
    ),
    (
        (
            "INSERT INTO refund SELECT 'twin', payment_id, 'twin', currency, 4399, 'started',"
            " reason, created_at, updated_at, version FROM refund WHERE reason = 'a torn cover'"
        ),
        "its refunds are 100 and 4399 under way",
    ),
    ("UPDATE refund SET currency = 'KRW'", "100 KRW is refunded, its payment is in USD"),
    (
        "DELETE FROM refund WHERE reason = 'a torn cover'",
        "was asked for under a key, and is missing",
    ),
    (
        (
            "UPDATE payment SET status = 'captured', captured_amount = amount,"
            " payment_date = updated_at WHERE order_id = '{declined}'"
        ),
        "order {declined} is cancelled, but 1999 were kept",
    ),
    (
        "UPDATE payment SET id = 'another' WHERE order_id = '{shipped}'",
        "order {shipped} is paid by another, its saga was told by ",
    ),
    ("DELETE FROM payment WHERE order_id = '{shipped}'", "with 0 captures"),
]

NETWORK = [
    (
        "DELETE FROM network_authorisation WHERE network_key LIKE '{shipped}%'",
        "order {shipped}: the payment is captured, at the network it is missing",
    ),
    (
        (
            "UPDATE network_authorisation SET status = 'authorised' WHERE network_key LIKE"
            " '{abandoned}%'"
        ),
        "order {abandoned}: the payment is voided, at the network it is authorised",
    ),
    (
        "UPDATE network_authorisation SET amount = 499 WHERE network_key LIKE '{shipped}%'",
        "order {shipped}: the payment is of 500 USD",
    ),
    (
        "UPDATE network_authorisation SET currency = 'KRW' WHERE network_key LIKE '{shipped}%'",
        "the network's of 500 KRW",
    ),
    (
        "UPDATE network_authorisation SET refunded_amount = 7",
        "paid back 7, by its refunds 0",
    ),
    (
        (
            "INSERT INTO network_authorisation SELECT 'unheard of', token, currency, amount, 0,"
            " status, created_at, updated_at, 1 FROM network_authorisation"
            " WHERE network_key LIKE '{shipped}%'"
        ),
        "the network captured 500 under unheard of, the payment is missing",
    ),
    ("UPDATE network_refund SET amount = 99", "the network paid back 99"),
    ("DELETE FROM network_refund", "the network paid back nothing"),
    (
        "UPDATE refund SET network_key = 'another' WHERE reason = 'a torn cover'",
        "which no refund knows",
    ),
]

STOCK = [
    ("UPDATE stock SET quantity = -1", "-1 copies"),
    ("UPDATE stock SET reserved = 999", "999 reserved"),
    ("DELETE FROM movement WHERE kind = 'shipped'", "off its ledger by -1 copies"),
    ("DELETE FROM stock WHERE reserved = 2", "off its ledger by -50 copies"),
    ("UPDATE stock SET quantity = quantity + 1", "off its ledger by 1 copies"),
    ("UPDATE movement SET quantity_after = 1", "leaves 1 copies"),
    ("UPDATE movement SET kind = 'edited' WHERE kind = 'reserved'", "is edited by"),
    ("UPDATE movement SET book_id = 1", "is of book 1 in warehouse"),
    ("DELETE FROM warehouse", "lies in no warehouse"),
    (
        "UPDATE movement SET order_id = '{cancelled}' WHERE order_id = '{shipped}'",
        "order {shipped}, stock ",
    ),
    (
        "UPDATE reservation SET quantity = 7 WHERE order_id = '{cancelled}'",
        "7 copies released, by the ledger 1",
    ),
    (
        "DELETE FROM reservation WHERE order_id = '{confirmed}'",
        "to be held, 0 are",
    ),
    (
        "UPDATE reservation SET status = 'held' WHERE order_id = '{shipped}'",
        "1 to be shipped, 0 are",
    ),
    ("UPDATE stock SET reserved = 3 WHERE reserved = 2", "3 reserved, 2 held"),
    ("UPDATE shortage SET available = 400", "asked for 400, there were 400"),
    (
        (
            "INSERT INTO shortage SELECT 99, order_id, book_id, asked, available, created_at"
            " FROM shortage"
        ),
        "order {short} is cancelled, but was told 2 times that book ",
    ),
    (
        "UPDATE shortage SET order_id = '{shipped}', asked = 1, available = 0",
        "order {shipped} is completed, but was told 1 times that book ",
    ),
    (
        (
            "INSERT INTO reservation SELECT 99, order_id, stock_id, book_id, warehouse_id, 1,"
            " 'released', created_at, updated_at FROM reservation WHERE order_id = '{shipped}'"
        ),
        "order {shipped}, stock ",
    ),
    (
        (
            "INSERT INTO movement SELECT 9999, stock_id, book_id, warehouse_id, kind, 0, 1,"
            " quantity, reserved, order_id, reason, created_by, created_at FROM movement"
            " WHERE kind = 'reserved' AND order_id = '{shipped}'"
        ),
        "1 copies reserved, by the ledger 2",
    ),
    ("DELETE FROM shortage", "order {short} was out of stock, but no shortage"),
]

ORDERS = [
    ("UPDATE book_order SET total = 1 WHERE id = '{shipped}'", "total 1 USD"),
    ("DELETE FROM book_order_item", "its lines none"),
    ("UPDATE book_order_item SET order_serial = 99 WHERE quantity = 3", "is of no order: 99"),
    ("UPDATE book_order SET number = NULL", "number none"),
    ("UPDATE book_order SET number = '2020-1' WHERE id = '{shipped}'", "number 2020-1"),
    (
        "DELETE FROM book_order WHERE id = '{shipped}'",
        "a purchase speaks of order {shipped}, which does not exist",
    ),
    ("DELETE FROM saga WHERE id = '{shipped}'", "order {shipped} has no saga"),
    (
        "UPDATE book_order SET status = 'shipping' WHERE id = '{confirmed}'",
        "order {confirmed} is shipping, its sagas: place_order completed",
    ),
    (
        "UPDATE book_order SET status = 'confirmed', reason = NULL WHERE id = '{cancelled}'",
        "order {cancelled} is confirmed, its sagas: ",
    ),
    (
        "UPDATE book_order SET status = 'paid' WHERE id = '{confirmed}'",
        "order {confirmed} is paid, its sagas: place_order completed",
    ),
    (
        "UPDATE book_order SET reason = NULL",
        "order {cancelled} is cancelled for no reason",
    ),
    (
        "DELETE FROM purchase WHERE order_id = '{confirmed}'",
        "order {confirmed} has no purchase of its own moment",
    ),
    (
        "UPDATE purchase SET ending = NULL WHERE order_id = '{cancelled}'",
        "order {cancelled} is cancelled, but its purchase has no ending",
    ),
    (
        (
            "UPDATE purchase SET ending ="
            " (SELECT ending FROM purchase WHERE order_id = '{declined}')"
            " WHERE order_id = '{confirmed}'"
        ),
        "was told that order {declined} of 1999 USD is cancelled, card-declined",
    ),
    (
        (
            "UPDATE purchase SET ending = json_set(ending, '$.code', 'out-of-stock')"
            " WHERE order_id = '{declined}'"
        ),
        "is cancelled, out-of-stock",
    ),
    (
        (
            "UPDATE purchase SET ending = json_set(ending, '$.order.status', 'paid')"
            " WHERE order_id = '{confirmed}'"
        ),
        "was told that order {confirmed} of 4498 USD is paid",
    ),
]

SAGAS = [
    (
        "DELETE FROM saga_event WHERE saga_id = '{confirmed}' AND seq = 3",
        "saga {confirmed} has 5 events, numbered 1 to 6",
    ),
    (
        "DELETE FROM saga_event WHERE saga_id = '{confirmed}' AND seq = 6",
        "(place_order of order {confirmed}) is completed, not running",
    ),
    (
        "DELETE FROM saga_event WHERE saga_id = '{confirmed}'",
        "(place_order of order {confirmed}) is completed without an event, or",
    ),
    (
        "UPDATE saga_event SET status = 'failed' WHERE step = 'capture_payment'",
        "comes to do confirm_order, not to do capture_payment",
    ),
    (
        "UPDATE saga_event SET step = 'confirm_order' WHERE step = 'capture_payment'",
        "comes to do confirm_order, not to do capture_payment",
    ),
    ("UPDATE saga SET state = 'compensated' WHERE id = '{confirmed}'", "is compensated"),
    (
        "UPDATE saga SET state = 'running', deadline = created_at WHERE id = '{confirmed}'",
        "saga {confirmed} (place_order of order {confirmed}) is running",
    ),
    (
        "UPDATE saga SET input = json_set(input, '$.amount', 1) WHERE id = '{confirmed}'",
        "saga {confirmed} (place_order of order {confirmed}) was asked for ",
    ),
    (
        "UPDATE saga_event SET status = 'settled' WHERE step = 'confirm_order'",
        "was settled at confirm_order",
    ),
    (
        "UPDATE payment SET settled_amount = 0 WHERE order_id = '{settled}'",
        "order {settled} was settled outside, but 1500 of it is kept",
    ),
    (
        (
            "UPDATE payment SET settled_amount = 1400, refunded_amount = 100"
            " WHERE order_id = '{cancelled}'"
        ),
        "of order {cancelled} 1400 was settled outside, which no saga knows",
    ),
    (
        "UPDATE payment SET settled_amount = 1501 WHERE order_id = '{settled}'",
        "is refunded: 1500, 1500 captured, 0 paid back, 1501 settled outside",
    ),
    (
        (
            "INSERT INTO refund SELECT 'twice', id, 'twice', currency, amount, 'refunded', NULL,"
            " created_at, updated_at, 1 FROM payment WHERE order_id = '{settled}'"
        ),
        "of order {settled} 0 was paid back of 1500, its refunds are 1500 and 0 under way, 1500",
    ),
]

PEOPLE = [
    (
        "UPDATE book_order SET user_id = 'a thief' WHERE id = '{shipped}'",
        "order {shipped} is of a thief, its payment of ",
    ),
    (
        "UPDATE purchase SET user_id = 'a thief' WHERE order_id = '{shipped}'",
        "its purchase of a thief",
    ),
    (
        "UPDATE payment SET user_id = 'a thief' WHERE order_id = '{shipped}'",
        "its payment of a thief",
    ),
    ("UPDATE profile SET email = 'a@b.example'", "signs in as somebody else"),
    ("DELETE FROM account WHERE email LIKE 'buyer%'", "who has no account"),
    ("UPDATE point SET balance = 91", "is off the ledger by 1 points"),
    ("UPDATE point SET customer_id = 'a thief'", "points 90 of a thief, whom nobody"),
    ("UPDATE point_entry SET balance = 251 WHERE balance = 250", "leaves 251 points"),
]

CATALOGUE = [
    ("DELETE FROM book", "which does not exist"),
    ("DELETE FROM author", "is by author"),
    ("UPDATE book SET category_id = 99", "category 99"),
    ("UPDATE book_author SET position = 1", "authors, numbered 1 to 1"),
    ("UPDATE book SET listed_isbn = NULL", "listed as none"),
]

CARDS = [
    (
        "UPDATE purchase SET idempotency_key = '4111 1111 1111 1111' WHERE order_id = '{shipped}'",
        "ordering.purchase.idempotency_key holds a card number in 1 rows",
    ),
]

CORRUPTIONS = [
    *(MONEY + NETWORK + STOCK),
    *(ORDERS + SAGAS + PEOPLE),
    *(CATALOGUE + CARDS),
]

# What has no second source anywhere, or is told to nobody, so that no comparison can tell: a
# column of a table, or `-` for a row of it that is gone. ARCHITECTURE.md ("Known gaps") sums it
# up.
UNWATCHED = {
    "network.network_authorisation": {"-"},  # of a payment that came to nothing
    "network.network_unheard_call": {"-", "network_key"},
    "payment.payment": {"payment_date", "deadline", "released_at", "reason"},
    "payment.refund": {"-", "id", "amount", "network_key", "reason"},  # of a declined one
    "payment.webhook_event": {"-", "event_id", "payment_id", "received_at"},
    "inventory.warehouse": {"name", "folded_name", "address", "capacity"},
    "inventory.reservation": {"id"},
    "inventory.movement": {"id", "reason", "created_by"},
    "inventory.shortage": {"id", "available"},
    "catalog.category": {"name"},
    "catalog.publisher": {"name", "name_folded", "address"},
    "catalog.author": {"name", "name_folded"},
    "catalog.book": {
        *("title", "title_folded", "title_key", "amount", "description"),
        *("category_id", "publisher_id", "retired_at"),
    },
    "catalog.book_author": {"-", "author_id"},
    "catalog.feed_book": {"-", "feed", "feed_id", "book_id"},
    "catalog.completed_feed": {"-", "feed", "completed_at"},
    "customer.wishlist": {"-", "id", "book_id"},
    "customer.point_entry": {"id", "reason", "created_by"},
    "identity.profile": {"-", "id", "name_key", "phone"},
    "identity.account": {"password_hash", "roles", "enabled"},
    "identity.session": {"-", "id", "secret", "number", "expires_at"},
    "identity.sign_in_attempt": {"-", "id", "account", "address"},
    "identity.signing_key": {"-", "kid", "pem", "retired_at"},
    "ordering.book_order": {"cancel_requested", "shipping_address"},
    "ordering.purchase": {"idempotency_key", "fingerprint", "trace_id"},
    "ordering.saga": {"version", "traceparent", "deadline"},
    "ordering.saga_event": {"epoch", "attempt", "started_at", "ended_at", "detail", "due"},
    "ordering.saga_engine": {"-", "id", "epoch"},
}
