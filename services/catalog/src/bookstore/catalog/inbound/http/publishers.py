"""Answers for /api/v1/publishers."""

from dataclasses import dataclass

from bookstore.catalog.application.keep_publishers import KeepPublishers
from bookstore.catalog.application.search import NameSearch, NameSort
from bookstore.catalog.domain.publisher import Publisher, PublisherDraft, PublisherId
from bookstore.catalog.inbound.http.documents import FRESH, listed, publisher_document
from bookstore.catalog.inbound.http.showcase import Showcase, key_of
from bookstore.catalog.inbound.words import part
from bookstore.contracts.openapi import catalog as api
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply, precondition


@dataclass(frozen=True, slots=True)
class PublishersController(api.PublishersApi):
    """Finds and keeps publishers; lists are shown for a second."""

    publishers: KeepPublishers
    showcase: Showcase

    async def list_publishers(
        self, _caller: Caller, query: api.ListPublishersQuery, _header: api.ListPublishersHeader, /
    ) -> Reply[api.PublisherPage]:
        async def make() -> Reply[api.PublisherPage]:
            page = await self.publishers.search(
                NameSearch(
                    name=part("name", query.name),
                    sort=NameSort(query.sort),
                    descending=query.order is api.SortOrder.DESC,
                    limit=query.limit,
                    offset=query.offset,
                )
            )
            items = [publisher_document(publisher) for publisher in page.items]
            return listed(api.PublisherPage(total=page.total, items=items))

        return await self.showcase.show(("publishers", key_of(query)), make)

    async def create_publisher(
        self, _caller: Caller, body: api.NewPublisher, /
    ) -> Reply[api.Publisher]:
        added = await self.publishers.add(PublisherDraft(body.name, body.address))
        return _reply(201, added, location=f"/api/v1/publishers/{added.id}")

    async def get_publisher(
        self,
        _caller: Caller,
        publisher_id: int,
        _header: api.GetPublisherHeader,
        /,
    ) -> Reply[api.Publisher]:
        return _reply(200, await self.publishers.get(PublisherId(publisher_id)))

    async def replace_publisher(
        self,
        _caller: Caller,
        publisher_id: int,
        header: api.ReplacePublisherHeader,
        body: api.NewPublisher,
        /,
    ) -> Reply[api.Publisher]:
        draft = PublisherDraft(body.name, body.address)
        seen = precondition(header.if_match)
        return _reply(200, await self.publishers.replace(PublisherId(publisher_id), draft, seen))

    async def delete_publisher(self, _caller: Caller, publisher_id: int, /) -> None:
        await self.publishers.delete(PublisherId(publisher_id))


def _reply(
    status: int, publisher: Publisher, *, location: str | None = None
) -> Reply[api.Publisher]:
    return Reply(
        status,
        publisher_document(publisher),
        location=location,
        etag=str(publisher.version),
        headers=FRESH,
    )
