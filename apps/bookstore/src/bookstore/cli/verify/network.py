"""The card network's own books and ours, compared in both directions.

The network is read first, so each of its rows has a payment that is older; and what the
network did is written here a moment later, which the second look waits for.
"""

from typing import Final

from bookstore.cli.verify.invariant import AT_REST, Invariant

NETWORK: Final = (
    Invariant(
        "the card network knows no money that no payment knows of",
        "SELECT count(*) FROM network.network_authorisation",
        """SELECT 'the network ' || status || ' ' || amount || ' under ' || network_key
                  || ', the payment is missing'
           FROM network.network_authorisation
           WHERE network_key NOT IN (SELECT network_key FROM payment.payment)""",
    ),
    Invariant(
        "a payment and the card network name the same amount, currency and card",
        "SELECT count(*) FROM network.network_authorisation",
        """SELECT 'order ' || p.order_id || ': the payment is of ' || p.amount || ' ' || p.currency
                  || ' by ' || p.card_token || ' under ' || p.network_key || ', the network''s of '
                  || coalesce(n.amount || ' ' || n.currency || ' by ' || n.token, 'nothing')
           FROM payment.payment p LEFT JOIN network.network_authorisation n USING (network_key)
           WHERE p.network_key NOT LIKE p.order_id || ':%'
              OR n.amount <> p.amount OR n.currency <> p.currency
              OR 'tok_…' || substr(n.token, -4) <> p.card_token""",
    ),
    Invariant(
        "the card network took what was captured, and holds nothing of what failed",
        "SELECT count(*) FROM payment.payment",
        f"""SELECT 'order ' || id || ': the payment is ' || ours || ', at the network it is '
                   || coalesce(theirs, 'missing')
            FROM (SELECT p.order_id AS id, p.status AS ours, n.status AS theirs
                  FROM payment.payment p LEFT JOIN network.network_authorisation n
                    USING (network_key))
            WHERE CASE WHEN ours IN ('captured', 'refunded') THEN theirs IS NOT 'captured'
                       WHEN ours IN ('voided', 'declined')
                       THEN theirs IN ('authorised', 'captured') END
              AND {AT_REST}""",
    ),
    Invariant(
        "the card network paid back what refunds say, and refunds say what it paid back",
        "SELECT count(*) FROM network.network_refund",
        """SELECT 'refund ' || f.network_key || ' of ' || f.amount || ' is ' || f.status
                  || ', the network paid back ' || coalesce(n.amount, 'nothing')
           FROM (payment.refund f JOIN payment.payment p ON p.id = f.payment_id)
           LEFT JOIN network.network_refund n ON n.refund_key = f.network_key
           WHERE CASE f.status WHEN 'refunded' THEN n.refund_key IS NULL
                               WHEN 'declined' THEN n.refund_key IS NOT NULL END
              OR n.amount <> f.amount OR n.network_key <> p.network_key
           UNION ALL
           SELECT 'the network paid back ' || amount || ' under ' || refund_key
                  || ', which no refund knows'
           FROM network.network_refund
           WHERE refund_key NOT IN (SELECT network_key FROM payment.refund)""",
    ),
    Invariant(
        "the card network's own sums are right, and it pays back only what it took",
        "SELECT count(*) FROM network.network_authorisation",
        """SELECT 'under ' || network_key || ' the network ' || status || ' ' || amount
                  || ' and paid back ' || refunded_amount || ', by its refunds ' || refunds
           FROM (SELECT a.*, coalesce(r.sum, 0) AS refunds
                 FROM network.network_authorisation a
                 LEFT JOIN (SELECT network_key, sum(amount) AS sum FROM network.network_refund
                            GROUP BY network_key) r USING (network_key))
           WHERE refunded_amount <> refunds OR refunded_amount NOT BETWEEN 0 AND amount
              OR refunded_amount > 0 AND status <> 'captured'
              OR status NOT IN ('authorised', 'declined', 'captured', 'voided')""",
    ),
)
