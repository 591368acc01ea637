"""Answers for /api/v1/authors."""

from dataclasses import dataclass

from bookstore.catalog.application.keep_authors import KeepAuthors
from bookstore.catalog.application.search import NameSearch, NameSort
from bookstore.catalog.domain.author import Author, AuthorDraft, AuthorId
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.inbound.http.documents import FRESH, author_document, listed
from bookstore.catalog.inbound.http.showcase import Showcase, key_of
from bookstore.catalog.inbound.words import part
from bookstore.contracts.openapi import catalog as api
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply, precondition


@dataclass(frozen=True, slots=True)
class AuthorsController(api.AuthorsApi):
    """Finds and keeps authors; lists are shown for a second."""

    authors: KeepAuthors
    showcase: Showcase

    async def list_authors(
        self, _caller: Caller, query: api.ListAuthorsQuery, _header: api.ListAuthorsHeader, /
    ) -> Reply[api.AuthorPage]:
        async def make() -> Reply[api.AuthorPage]:
            page = await self.authors.search(
                NameSearch(
                    name=part("name", query.name),
                    book_id=None if query.book_id is None else BookId(query.book_id),
                    sort=NameSort(query.sort),
                    descending=query.order is api.SortOrder.DESC,
                    limit=query.limit,
                    offset=query.offset,
                )
            )
            items = [author_document(author) for author in page.items]
            return listed(api.AuthorPage(total=page.total, items=items))

        return await self.showcase.show(("authors", key_of(query)), make)

    async def create_author(self, _caller: Caller, body: api.NewAuthor, /) -> Reply[api.Author]:
        added = await self.authors.add(AuthorDraft(body.name))
        return _reply(201, added, location=f"/api/v1/authors/{added.id}")

    async def get_author(
        self,
        _caller: Caller,
        author_id: int,
        _header: api.GetAuthorHeader,
        /,
    ) -> Reply[api.Author]:
        return _reply(200, await self.authors.get(AuthorId(author_id)))

    async def replace_author(
        self,
        _caller: Caller,
        author_id: int,
        header: api.ReplaceAuthorHeader,
        body: api.NewAuthor,
        /,
    ) -> Reply[api.Author]:
        draft = AuthorDraft(body.name)
        seen = precondition(header.if_match)
        return _reply(200, await self.authors.replace(AuthorId(author_id), draft, seen))

    async def delete_author(self, _caller: Caller, author_id: int, /) -> None:
        await self.authors.delete(AuthorId(author_id))


def _reply(status: int, author: Author, *, location: str | None = None) -> Reply[api.Author]:
    return Reply(
        status,
        author_document(author),
        location=location,
        etag=str(author.version),
        headers=FRESH,
    )
