"""Cursors: where a page ended, opaque to clients and bound to what was asked.

A cursor holds the sort key and the id of a page's last row, so that rows which come in between
never repeat or hide another; and a digest of the filters and the sort, so that it cannot be
taken for another list's.
"""

import base64
import binascii
from hashlib import blake2b
from typing import Any

import msgspec

from bookstore.kit.errors import FieldError, InvalidError


class CursorInvalidError(InvalidError):
    """The cursor is not one of ours, or belongs to other filters or another sort."""

    code = "cursor-invalid"

    def __init__(self) -> None:
        """Point at the parameter."""
        message = "start again without a cursor, or keep its filters and sort"
        super().__init__(message, FieldError(pointer="cursor", code=self.code, message=message))


def encode(asked: object, last: list[Any]) -> str:
    """Return the cursor after the row with the sort key and id in `last`.

    `asked` is anything that tells this list from others: its filters and its sort.
    """
    document = msgspec.json.encode([_digest(asked), last])
    return base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def decode(asked: object, cursor: str) -> list[Any]:
    """Return what `encode` was given; raises CursorInvalidError."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        document = base64.b64decode(padded, altchars=b"-_", validate=True)
        digest, last = msgspec.json.decode(document, type=tuple[str, list[Any]])
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError) as error:
        raise CursorInvalidError from error
    if digest != _digest(asked):
        raise CursorInvalidError
    return last


def _digest(asked: object) -> str:
    return blake2b(msgspec.json.encode(asked, order="sorted"), digest_size=9).hexdigest()
