"""People: whose an order is, who may sign in, and whose points these are."""

from typing import Final

from bookstore.cli.verify.invariant import Invariant

PEOPLE: Final = (
    Invariant(
        "an order, its purchase and its payment belong to the same customer",
        "SELECT count(*) FROM ordering.book_order",
        """SELECT 'order ' || id || ' is of ' || o.user_id || ', ' || what || ' of ' || r.user_id
           FROM (SELECT 'its purchase' AS what, order_id, user_id FROM ordering.purchase
                 UNION ALL SELECT 'its payment', order_id, user_id FROM payment.payment) r
           JOIN ordering.book_order o ON o.id = r.order_id WHERE r.user_id <> o.user_id""",
    ),
    Invariant(
        "whoever bought something, or has points or wishes, is known",
        "SELECT count(*) FROM identity.profile",
        """SELECT what || ' ' || id || ' of ' || user_id || ', whom nobody knows'
           FROM (SELECT 'order' AS what, id, user_id FROM ordering.book_order
                 UNION ALL SELECT 'points', balance, customer_id FROM customer.point
                 UNION ALL SELECT 'wish', id, customer_id FROM customer.wishlist)
           WHERE user_id NOT IN (SELECT id FROM identity.profile
                                 UNION SELECT id FROM identity.account)
             AND EXISTS (SELECT * FROM identity.account)""",
    ),
    Invariant(
        "an account and its profile name the same person",
        "SELECT count(*) FROM identity.account",
        """SELECT 'user ' || a.id || ' signs in as somebody else than is shown'
           FROM identity.account a JOIN identity.profile p ON p.id = a.id
           WHERE p.deleted OR a.email <> p.email OR a.email_key <> p.email_key
              OR a.first_name <> p.first_name OR a.last_name <> p.last_name""",
    ),
    Invariant(
        "every session is of somebody who has an account",
        "SELECT count(*) FROM identity.session",
        """SELECT 'session ' || id || ' is of ' || user_id || ', who has no account'
           FROM identity.session WHERE user_id NOT IN (SELECT id FROM identity.account)""",
    ),
    Invariant(
        "points are what their ledger says, from line to line",
        "SELECT count(*) FROM customer.point_entry",
        """SELECT 'customer ' || customer_id || ' is off the ledger by ' || sum(balance)
                  || ' points'
           FROM (SELECT customer_id, balance FROM customer.point
                 UNION ALL SELECT customer_id, -difference FROM customer.point_entry)
           GROUP BY customer_id HAVING sum(balance) <> 0
           UNION ALL SELECT 'entry ' || id || ' of customer ' || customer_id || ' leaves '
                  || balance || ' points, by the sum ' || sum
           FROM (SELECT *, sum(difference) OVER (PARTITION BY customer_id ORDER BY id) AS sum
                 FROM customer.point_entry)
           WHERE balance <> sum OR balance < 0""",
    ),
)
