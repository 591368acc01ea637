"""/api/v1/customers: who our customers are."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.close_account import CloseAccount
from bookstore.customer.application.keep_customers import KeepCustomers
from bookstore.customer.application.ports import CustomerSearch
from bookstore.customer.domain.customer import Customer, CustomerId, Details
from bookstore.customer.inbound.http.asked import part_of
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply, precondition


@dataclass(frozen=True, slots=True)
class CustomersController(api.CustomersApi):
    """Answers for customers: themselves, and staff."""

    keep: KeepCustomers
    close: CloseAccount

    async def list_customers(
        self, _caller: Caller, query: api.ListCustomersQuery, /
    ) -> api.CustomerPage:
        search = CustomerSearch(email=query.email, name=query.name, phone=query.phone)
        page = await self.keep.search(search, part_of(query))
        return api.CustomerPage(total=page.total, items=[_document(one) for one in page.items])

    async def get_customer(
        self, caller: Caller, customer_id: UUID, _header: api.GetCustomerHeader, /
    ) -> Reply[api.Customer]:
        return _reply(await self.keep.find(caller, CustomerId(customer_id)))

    async def replace_customer(
        self,
        caller: Caller,
        customer_id: UUID,
        header: api.ReplaceCustomerHeader,
        body: api.CustomerEdit,
        /,
    ) -> Reply[api.Customer]:
        details = Details(
            email=body.email,
            first_name=body.first_name,
            last_name=body.last_name,
            phone=body.phone,
        )
        seen = precondition(header.if_match)
        return _reply(await self.keep.change(caller, CustomerId(customer_id), details, seen))

    async def delete_customer(self, caller: Caller, customer_id: UUID, /) -> None:
        await self.close(caller, CustomerId(customer_id))


def _reply(customer: Customer) -> Reply[api.Customer]:
    return Reply(200, _document(customer), etag=str(customer.version))


def _document(customer: Customer) -> api.Customer:
    return api.Customer(
        id=customer.id,
        email=customer.details.email,
        first_name=customer.details.first_name,
        last_name=customer.details.last_name,
        phone=customer.details.phone,
        roles=[api.CustomerRole(role) for role in customer.roles],
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )
