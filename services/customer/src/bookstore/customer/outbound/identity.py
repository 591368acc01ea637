"""Who has an account, as identity knows it."""

from uuid import UUID

from grpc import aio

from bookstore.contracts.proto.user.v1 import user_pb2 as pb
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.customer.application.ports import Accounts, CustomerSearch, Page, Slice
from bookstore.customer.domain.customer import (
    Customer,
    CustomerId,
    CustomerNotFoundError,
    Details,
)
from bookstore.customer.outbound.messages import instant, page_request
from bookstore.kit.caller import Role
from bookstore.kit.errors import NotFoundError

_ROLES = {
    pb.AUTH_ROLE_SYSTEM: Role.SYSTEM,
    pb.AUTH_ROLE_MANAGE: Role.MANAGE,
    pb.AUTH_ROLE_PROFILE: Role.PROFILE,
    pb.AUTH_ROLE_ORDER: Role.ORDER,
    pb.AUTH_ROLE_VIEW: Role.VIEW,
}


class IdentityAccounts(Accounts):
    """Asks the identity service at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._users = UserServiceStub(channel)

    async def search(self, search: CustomerSearch, part: Slice) -> Page[Customer]:
        found = await self._users.FindAllUsers(
            pb.FindAllUsersRequest(
                page=page_request(part), email=search.email, name=search.name, phone=search.phone
            )
        )
        return Page(found.total, [_customer(user) for user in found.items])

    async def find(self, customer_id: CustomerId) -> Customer:
        try:
            found = await self._users.FindUser(pb.FindUserRequest(id=str(customer_id)))
        except NotFoundError as error:
            raise CustomerNotFoundError(customer_id) from error
        return _customer(found.user)

    async def change(self, customer_id: CustomerId, details: Details, *, version: int) -> Customer:
        request = pb.UpdateUserRequest(
            id=str(customer_id),
            email=details.email,
            first_name=details.first_name,
            last_name=details.last_name,
            phone=details.phone,
            version=version,
        )
        try:
            changed = await self._users.UpdateUser(request)
        except NotFoundError as error:
            raise CustomerNotFoundError(customer_id) from error
        return _customer(changed.user)

    async def close(self, customer_id: CustomerId) -> None:
        try:
            await self._users.DeleteUser(pb.DeleteUserRequest(id=str(customer_id)))
        except NotFoundError as error:
            raise CustomerNotFoundError(customer_id) from error


def _customer(user: pb.User) -> Customer:
    return Customer(
        id=CustomerId(UUID(user.id)),
        details=Details(
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            phone=user.phone if user.HasField("phone") else None,
        ),
        roles=tuple(_ROLES[role] for role in user.roles),
        created_at=instant(user.created_at),
        updated_at=instant(user.updated_at),
        version=user.version,
    )
