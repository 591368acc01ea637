"""The REST API: documents in, use cases, documents out; one module a tag.

Read `documents` for what is shown, `showcase` for how long it is kept.
"""
