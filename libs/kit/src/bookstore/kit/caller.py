"""Who asks: what a verified access token says, in the words of the inside."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """What somebody may do; the specifications name the roles of each operation."""

    SYSTEM = "system"  # services, user administration
    MANAGE = "manage"  # staff: catalogue, stock, any order, refunds
    PROFILE = "profile"  # own customer data
    ORDER = "order"  # own orders and payments
    VIEW = "view"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with an access token; or nobody, where none is needed.

    `id` is the token's subject, which is the user's and the customer's id; a service that acts
    for itself has none. `address` is the client's IP address.
    """

    id: UUID | None = None
    email: str = ""
    roles: frozenset[Role] = frozenset()
    address: str = ""
    trace_id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether they may see and change what is not their own."""
        return Role.MANAGE in self.roles

    def may(self, roles: Iterable[Role]) -> bool:
        """Whether they have one of the roles."""
        return not self.roles.isdisjoint(roles)

    def owns(self, user_id: UUID) -> bool:
        """Whether it is theirs."""
        return self.id == user_id


NOBODY: Final = Caller()

# For whom the current task works: set by the edges (HTTP routes, gRPC servers), sent along by
# every call to a neighbour.
current_caller: Final = ContextVar("current_caller", default=NOBODY)
