"""Admission: whose data somebody may look at or change, and whether there is such a customer."""

from dataclasses import dataclass

from bookstore.customer.application.ports import Accounts
from bookstore.customer.domain.customer import CustomerId, refuse_strangers
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class Admission:
    """Asks identity only where the caller's token does not say it already."""

    accounts: Accounts

    async def to_look(self, caller: Caller, customer_id: CustomerId) -> None:
        """Raise CustomerNotFoundError; an owner can look even while identity is away."""
        refuse_strangers(caller, customer_id)
        if not caller.owns(customer_id):
            await self.accounts.find(customer_id)

    async def to_change(self, caller: Caller, customer_id: CustomerId) -> None:
        """Raise CustomerNotFoundError, also to the token of an account that was closed."""
        refuse_strangers(caller, customer_id)
        await self.accounts.find(customer_id)
