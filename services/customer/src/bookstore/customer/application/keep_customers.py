"""Looking at customers, and changing what they say about themselves."""

from dataclasses import dataclass

from bookstore.customer.application.ports import Accounts, CustomerSearch, Page, Slice
from bookstore.customer.domain.customer import Customer, CustomerId, Details, refuse_strangers
from bookstore.kit.caller import Caller
from bookstore.kit.precondition import Precondition


@dataclass(frozen=True, slots=True)
class KeepCustomers:
    """Each method is one use case; identity keeps the data."""

    accounts: Accounts

    async def search(self, search: CustomerSearch, part: Slice) -> Page[Customer]:
        """List customers, for staff."""
        return await self.accounts.search(search, part)

    async def find(self, caller: Caller, customer_id: CustomerId) -> Customer:
        """Look at a customer; raises CustomerNotFoundError."""
        refuse_strangers(caller, customer_id)
        return await self.accounts.find(customer_id)

    async def change(
        self, caller: Caller, customer_id: CustomerId, details: Details, seen: Precondition
    ) -> Customer:
        """Replace the details that the caller has seen.

        Raises CustomerNotFoundError, VersionRequiredError, VersionMismatchError, InvalidError,
        or ConflictError with the code email-taken.
        """
        refuse_strangers(caller, customer_id)
        customer = await self.accounts.find(customer_id)
        seen.check(customer.version)
        return await self.accounts.change(customer_id, details, version=customer.version)
