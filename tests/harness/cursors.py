"""Cursors that somebody edited by hand: each is to be refused, whatever list it is shown to."""

import base64
import json
from datetime import datetime
from typing import Any
from uuid import UUID

_KEYS: dict[type, Any] = {datetime: "2026-01-01T00:00:00Z", int: 1, str: "x"}
_ROWS: dict[type, Any] = {int: 1, UUID: "019328a0-0000-7000-8000-000000000000"}
_NO_KEYS: dict[type, list[Any]] = {
    datetime: [None, 1, "x", "2026-01-01T00:00:00", "0001-01-01T00:00:00+01:00"],
    int: [None, "x", "1", 1.5, True, -1, 2**63, 10**30],
    str: [None, 1, ["x"]],
}
_NO_ROWS: dict[type, list[Any]] = {
    int: [None, "x", "1", 1.5, True, -1, 2**63],
    UUID: [None, 1, "x"],
}


def forged(cursor: str, *, key: type, row: type) -> list[str]:
    """Return forgeries of a list's cursor, whose sort key and id are of these types."""
    digest, _ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    right, one = _KEYS[key], _ROWS[row]
    places: list[Any] = [
        *([wrong, one] for wrong in _NO_KEYS[key]),
        *([right, wrong] for wrong in _NO_ROWS[row]),
        *([], [right], [right, one, one], None, 7, "xy", {"x": 1, "y": 2}),
    ]
    documents: list[Any] = [[digest, place] for place in places]
    documents += [digest, [], [digest], [7, [right, one]], [digest, [right, one], 1]]
    texts = [json.dumps(document).encode() for document in documents]
    texts += [b"[", b'["\xff",[1,1]]', b'["\\ud800",[1,1]]', b"[" * 700]
    return [base64.urlsafe_b64encode(text).rstrip(b"=").decode() for text in texts]
