"""What a customer bought, as order and payment tell it; a closed account's stays on record."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.customer.application.ports import (
    Orders,
    OrderSearch,
    Page,
    Payments,
    PaymentSearch,
    Slice,
)
from bookstore.customer.domain.customer import CustomerId, refuse_strangers
from bookstore.customer.domain.purchase import Order, Payment
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class LookAtPurchases:
    """Shows customers what is theirs, and staff anybody's; all raise CustomerNotFoundError."""

    of_order: Orders
    of_payment: Payments

    async def orders(
        self, caller: Caller, customer_id: CustomerId, search: OrderSearch, part: Slice
    ) -> Page[Order]:
        """List the customer's orders."""
        refuse_strangers(caller, customer_id)
        return await self.of_order.search(customer_id, search, part)

    async def order(self, caller: Caller, customer_id: CustomerId, order_id: UUID) -> Order:
        """Look at one of the customer's orders; raises NotFoundError."""
        refuse_strangers(caller, customer_id)
        return await self.of_order.find(customer_id, order_id)

    async def payments(
        self, caller: Caller, customer_id: CustomerId, search: PaymentSearch, part: Slice
    ) -> Page[Payment]:
        """List the customer's payments."""
        refuse_strangers(caller, customer_id)
        return await self.of_payment.search(customer_id, search, part)

    async def payment(self, caller: Caller, customer_id: CustomerId, payment_id: UUID) -> Payment:
        """Look at one of the customer's payments; raises NotFoundError."""
        refuse_strangers(caller, customer_id)
        return await self.of_payment.find(customer_id, payment_id)
