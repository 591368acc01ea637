"""A customer: somebody with an account; the customer's id is the user's."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from bookstore.kit.caller import Caller, Role
from bookstore.kit.errors import ConflictError, NotFoundError

CustomerId = NewType("CustomerId", UUID)


class CustomerNotFoundError(NotFoundError):
    """There is no such customer, or it is not you."""

    code = "customer-not-found"

    def __init__(self, customer_id: UUID) -> None:
        """Say which."""
        super().__init__(f"there is no customer {customer_id}")


class OpenOrdersError(ConflictError):
    """An order of the customer's is still under way: close the account once it has ended."""

    code = "open-orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a customer may say about themselves."""

    email: str
    first_name: str
    last_name: str
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer, as identity knows them."""

    id: CustomerId
    details: Details
    roles: tuple[Role, ...]
    created_at: datetime
    updated_at: datetime
    version: int


def refuse_strangers(caller: Caller, customer_id: CustomerId) -> None:
    """Let customers at what is theirs and staff at everything; raises CustomerNotFoundError.

    To anybody else it is as if there were nothing.
    """
    if not caller.owns(customer_id) and not caller.is_staff:
        raise CustomerNotFoundError(customer_id)
