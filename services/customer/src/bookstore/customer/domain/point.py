"""Points: a balance, and the ledger that says how it came about."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from bookstore.customer.domain.customer import CustomerId

EntryId = NewType("EntryId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer's points; `updated_at` is None as long as there never were any."""

    customer_id: CustomerId
    balance: int = 0
    updated_at: datetime | None = None

    def set_to(
        self, balance: int, *, reason: str | None, by: UUID | None, at: datetime
    ) -> "Change":
        """Set the balance."""
        return Change(
            customer_id=self.customer_id,
            difference=balance - self.balance,
            balance=balance,
            reason=reason,
            by=by,
            at=at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """By how much a balance changes, to what, why, and who did it."""

    customer_id: CustomerId
    difference: int
    balance: int
    reason: str | None
    by: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it was written down."""

    id: EntryId
    change: Change
