"""A customer's points: staff set the balance, the ledger remembers."""

from dataclasses import dataclass

from bookstore.customer.application.admission import Admission
from bookstore.customer.application.ports import Page, Slice, Store
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.point import Account, Entry
from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class KeepPoints:
    """Each method is one use case; all raise CustomerNotFoundError."""

    admission: Admission
    transact: Transact[Store]
    read: Transact[Store]
    clock: Clock

    async def get(self, caller: Caller, customer_id: CustomerId) -> Account:
        """Look at the balance."""
        await self.admission.to_look(caller, customer_id)
        return await self.read(lambda store: store.points.get(customer_id))

    async def replace(
        self, caller: Caller, customer_id: CustomerId, balance: int, reason: str | None
    ) -> Account:
        """Set the balance, which is for staff, and write it down."""
        await self.admission.to_change(caller, customer_id)
        now = self.clock.now()

        def replace(store: Store) -> Account:
            account = store.points.locked(customer_id)
            store.points.apply(account.set_to(balance, reason=reason, by=caller.id, at=now))
            return Account(customer_id=customer_id, balance=balance, updated_at=now)

        return await self.transact(replace)

    async def entries(self, caller: Caller, customer_id: CustomerId, part: Slice) -> Page[Entry]:
        """Read the ledger."""
        await self.admission.to_look(caller, customer_id)
        return await self.read(lambda store: store.points.entries(customer_id, part))
