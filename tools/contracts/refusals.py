"""Which refusals an operation must own up to: those that `bookstore.kit.http` gives by itself.

What the kit checks before a port is asked follows from an operation's shape: an address may hold
bytes that are no text (400), a token may be missing (401) or of the wrong role (403), an id may be
no number (404), a body late, large, of another type or against its schema (408, 413, 415, 422).
Unknown names in a query are refused (422), but for what everybody may read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

ALWAYS = {"400", "503"}
ASKED_BY_SOMEBODY = {"401", "403"}
WITH_A_BODY = {"408", "413", "415", "422"}


def missing(
    method: str, operation: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return the statuses that the kit can answer with and the operation does not list."""
    public = operation["x-roles"] == ["public"]
    places = {parameter["in"] for parameter in parameters}
    given = set(ALWAYS)
    if not public:
        given |= ASKED_BY_SOMEBODY
    if "path" in places:
        given.add("404")
    if "requestBody" in operation:
        given |= WITH_A_BODY
    if "query" in places or not public or method != "get":
        given.add("422")
    return sorted(given - operation["responses"].keys())
