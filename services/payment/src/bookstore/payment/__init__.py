"""Payment: whose money is held, taken and paid back.

Read `domain/payment.py` for how a payment moves and `domain/refund.py` for how money goes back;
then `application/authorise_payment.py`, whose three parts are how we talk to a card network
that may answer late, twice or never. `inbound/worker.py` makes saga tasks of these stories,
`outbound/simulator` is the card network when there is no other, `app.py` puts all together.
"""
