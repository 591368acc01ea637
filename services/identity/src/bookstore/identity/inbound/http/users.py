"""Administration of users over HTTP."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import identity as api
from bookstore.identity.application.administer_users import AdministerUsers
from bookstore.identity.application.delete_user import DeleteUser
from bookstore.identity.application.find_users import FindUser, FindUsers, User
from bookstore.identity.application.ports import Search, UserSort
from bookstore.identity.domain.account import UserId, UserNotFoundError
from bookstore.kit.caller import Caller, Role
from bookstore.kit.http import Reply


@dataclass(frozen=True, slots=True)
class UsersController(api.UsersApi):
    """Answers for /api/v1/users and /api/v1/users/{id}."""

    find: FindUser
    find_all: FindUsers
    administer: AdministerUsers
    delete: DeleteUser

    async def list_users(self, _caller: Caller, query: api.ListUsersQuery, /) -> api.UserPage:
        search = Search(
            email=query.email,
            name=query.name,
            phone=query.phone,
            sort=UserSort(query.sort),
            descending=query.order is api.SortOrder.DESC,
            limit=query.limit,
            offset=query.offset,
        )
        page = await self.find_all(search)
        return api.UserPage(total=page.total, items=[_document(user) for user in page.users])

    async def get_user(
        self, caller: Caller, user_id: UUID, _header: api.GetUserHeader, /
    ) -> Reply[api.User]:
        if not (caller.owns(user_id) or caller.may([Role.SYSTEM])):
            raise UserNotFoundError(UserId(user_id))
        user = await self.find(UserId(user_id))
        return Reply(200, _document(user), etag=_tag(user))

    async def delete_user(self, _caller: Caller, user_id: UUID, /) -> None:
        await self.delete(UserId(user_id))

    async def replace_user_roles(
        self, _caller: Caller, user_id: UUID, body: api.UserRoles, /
    ) -> api.User:
        roles = [Role(role) for role in body.roles]
        return _document(await self.administer.replace_roles(UserId(user_id), roles))

    async def disable_user(self, _caller: Caller, user_id: UUID, /) -> api.User:
        return _document(await self.administer.disable(UserId(user_id)))

    async def enable_user(self, _caller: Caller, user_id: UUID, /) -> api.User:
        return _document(await self.administer.enable(UserId(user_id)))


def _tag(user: User) -> str:
    """Name what the document shows: the profile's version, and what the provider says."""
    rights = "".join(role.value[0] for role in user.roles)
    return f"{user.profile.version}.{rights}.{int(user.enabled)}"


def _document(user: User) -> api.User:
    profile = user.profile
    return api.User(
        id=profile.id,
        email=profile.person.email.text,
        first_name=profile.person.first_name,
        last_name=profile.person.last_name,
        phone=profile.phone,
        roles=[api.AuthRole(role.value) for role in user.roles],
        enabled=user.enabled,
        created_at=profile.created_at,
        updated_at=profile.updated_at,
        version=profile.version,
    )
