"""/api/v1/customers/{id}/orders: what a customer ordered."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.look_at_purchases import LookAtPurchases
from bookstore.customer.application.ports import OrderSearch
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.purchase import Address, Item, Order, OrderStatus
from bookstore.customer.inbound.http.asked import money_document, part_of
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class OrdersController(api.CustomerOrdersApi):
    """Shows customers their own orders, and staff anybody's."""

    look: LookAtPurchases

    async def list_customer_orders(
        self, caller: Caller, customer_id: UUID, query: api.ListCustomerOrdersQuery, /
    ) -> api.CustomerOrderPage:
        search = OrderSearch(
            status=None if query.status is None else OrderStatus(query.status),
            created_from=query.created_from,
            created_to=query.created_to,
        )
        part = part_of(query, query.cursor)
        page = await self.look.orders(caller, CustomerId(customer_id), search, part)
        return api.CustomerOrderPage(
            total=page.total,
            items=[_document(order) for order in page.items],
            next_cursor=page.next_cursor,
        )

    async def get_customer_order(
        self, caller: Caller, customer_id: UUID, order_id: UUID, /
    ) -> api.CustomerOrder:
        return _document(await self.look.order(caller, CustomerId(customer_id), order_id))


def _document(order: Order) -> api.CustomerOrder:
    address = order.shipping_address
    return api.CustomerOrder(
        id=order.id,
        number=order.number,
        user_id=order.user_id,
        status=api.CustomerOrderStatus(order.status),
        order_items=[_item(item) for item in order.items],
        total_price=money_document(order.total_price),
        reason=order.reason,
        shipping_address=None if address is None else _address(address),
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


def _item(item: Item) -> api.CustomerOrderItem:
    return api.CustomerOrderItem(
        book_id=item.book_id,
        title=item.title,
        quantity=item.quantity,
        unit_price=money_document(item.unit_price),
        line_total=money_document(item.line_total),
    )


def _address(address: Address) -> api.CustomerShippingAddress:
    return api.CustomerShippingAddress(
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
    )
