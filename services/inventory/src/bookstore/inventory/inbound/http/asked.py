"""What all of inventory's requests are asked alike: which part of a list, and by whom."""

from typing import Protocol
from uuid import UUID

from bookstore.contracts.openapi.inventory import SortOrder
from bookstore.inventory.application.ports import Slice
from bookstore.kit.caller import Caller
from bookstore.kit.cursor import skipped
from bookstore.kit.errors import ForbiddenError


class _List(Protocol):
    """The paging parameters that every list takes."""

    @property
    def sort(self) -> str: ...

    @property
    def order(self) -> SortOrder: ...

    @property
    def limit(self) -> int: ...

    @property
    def offset(self) -> int | None: ...


class NobodyInParticularError(ForbiddenError):
    """The ledger names who changed stock: a person's token is needed, not a service's."""

    code = "person-needed"


def part_of(query: _List, cursor: str | None = None) -> Slice:
    """Return which part of the list is wanted; raises CursorWithOffsetError."""
    return Slice(
        sort=str(query.sort),
        descending=query.order is SortOrder.DESC,
        limit=query.limit,
        offset=skipped(query.offset, cursor),
    )


def whoever(caller: Caller) -> UUID:
    """Return who changes stock, for the ledger; raises NobodyInParticularError."""
    if caller.id is None:
        raise NobodyInParticularError("this token belongs to no person")
    return caller.id
