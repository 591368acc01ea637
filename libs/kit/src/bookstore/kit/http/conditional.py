"""Conditional requests (RFC 9110, 13): which versions a client has seen."""

import re

from bookstore.kit.precondition import Precondition

_TAG = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"')


def quoted(etag: str) -> str:
    """Return the entity tag with its quotes."""
    return etag if etag.endswith('"') else f'"{etag}"'


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the client has this version: lists, `*` and weak tags count."""
    if if_none_match.strip() == "*":
        return True
    opaque = quoted(etag).removeprefix("W/")[1:-1]
    return any(tag == opaque for _, tag in _TAG.findall(if_none_match))


def precondition(if_match: str | None) -> Precondition:
    """Return which versions an If-Match names; weak tags name none.

    An entity tag may go on after a dot with what is no part of the version: a book's shows stock
    figures too, and a sale must not refuse an edit.
    """
    if if_match is None:
        return Precondition()
    if if_match.strip() == "*":
        return Precondition(any_version=True, given=True)
    strong = (tag for weak, tag in _TAG.findall(if_match) if not weak)
    return Precondition(versions=frozenset(tag.partition(".")[0] for tag in strong), given=True)
