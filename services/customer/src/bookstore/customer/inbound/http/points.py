"""/api/v1/customers/{id}/point: a customer's points and their ledger."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.keep_points import KeepPoints
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.point import Account, Entry
from bookstore.customer.inbound.http.asked import part_of
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class PointsController(api.PointsApi):
    """Shows points to their owners; staff set them."""

    keep: KeepPoints

    async def get_point(self, caller: Caller, customer_id: UUID, /) -> api.Point:
        return _document(await self.keep.get(caller, CustomerId(customer_id)))

    async def replace_point(
        self, caller: Caller, customer_id: UUID, body: api.NewPoint, /
    ) -> api.Point:
        account = await self.keep.replace(caller, CustomerId(customer_id), body.point, body.reason)
        return _document(account)

    async def list_point_entries(
        self, caller: Caller, customer_id: UUID, query: api.ListPointEntriesQuery, /
    ) -> api.PointEntryPage:
        page = await self.keep.entries(caller, CustomerId(customer_id), part_of(query))
        return api.PointEntryPage(total=page.total, items=[_entry(entry) for entry in page.items])


def _document(account: Account) -> api.Point:
    return api.Point(id=account.customer_id, point=account.balance, updated_at=account.updated_at)


def _entry(entry: Entry) -> api.PointEntry:
    change = entry.change
    return api.PointEntry(
        id=entry.id,
        change=change.difference,
        point=change.balance,
        reason=change.reason,
        created_by=None if change.by is None else str(change.by),
        created_at=change.at,
    )
