"""A card network of our own, for where there is no other: it keeps its word, and fails on cue.

It stands for somebody else's system, so it has its own database and knows nothing of ours.
Read `tokens` for which card token makes it fail how, `ledger` for what it keeps, `network` for
how it answers.
"""
