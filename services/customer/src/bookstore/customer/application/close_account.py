"""Closing a customer's account: the person is forgotten, what they bought is not."""

from dataclasses import dataclass

from bookstore.customer.application.ports import Accounts, Orders, Store
from bookstore.customer.domain.customer import (
    CustomerId,
    CustomerNotFoundError,
    OpenOrdersError,
    refuse_strangers,
)
from bookstore.kit.caller import Caller
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Ends the account at identity first, which may refuse, then forgets what is ours."""

    accounts: Accounts
    orders: Orders
    transact: Transact[Store]

    async def __call__(self, caller: Caller, customer_id: CustomerId) -> None:
        """Do it; raises CustomerNotFoundError, or OpenOrdersError while an order is under way."""
        refuse_strangers(caller, customer_id)
        try:
            await self.accounts.find(customer_id)
        except CustomerNotFoundError:
            await self._forget(customer_id)  # closed before, and perhaps cut short
            raise
        if count := await self.orders.count_open(customer_id):
            raise OpenOrdersError(f"orders that are still under way: {count}")
        await self.accounts.close(customer_id)
        await self._forget(customer_id)

    async def _forget(self, customer_id: CustomerId) -> None:
        def forget(store: Store) -> None:
            store.wishlists.clear(customer_id)
            store.points.clear(customer_id)

        await self.transact(forget)
