"""The gRPC API, for other services."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.user.v1 import user_pb2 as pb
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceServicer
from bookstore.identity.application.delete_user import DeleteUser
from bookstore.identity.application.find_users import FindUser, FindUsers, User
from bookstore.identity.application.ports import Search, UserSort
from bookstore.identity.application.update_profile import NewProfile, UpdateProfile
from bookstore.identity.domain.account import Person, UserId
from bookstore.identity.domain.email import Email
from bookstore.kit.caller import Role
from bookstore.kit.errors import InvalidError
from bookstore.kit.rpc import part_of

_ROLES = {
    Role.SYSTEM: pb.AUTH_ROLE_SYSTEM,
    Role.MANAGE: pb.AUTH_ROLE_MANAGE,
    Role.PROFILE: pb.AUTH_ROLE_PROFILE,
    Role.ORDER: pb.AUTH_ROLE_ORDER,
    Role.VIEW: pb.AUTH_ROLE_VIEW,
}


@dataclass(frozen=True, slots=True)
class UserService(UserServiceServicer):
    """Answers for user.v1.UserService."""

    find: FindUser
    find_all: FindUsers
    update: UpdateProfile
    delete: DeleteUser

    async def FindAllUsers(
        self, request: pb.FindAllUsersRequest, _context: object
    ) -> pb.FindAllUsersResponse:
        page = await self.find_all(_search(request))
        return pb.FindAllUsersResponse(total=page.total, items=map(_message, page.users))

    async def FindUser(self, request: pb.FindUserRequest, _context: object) -> pb.FindUserResponse:
        return pb.FindUserResponse(user=_message(await self.find(_id(request.id))))

    async def UpdateUser(
        self, request: pb.UpdateUserRequest, _context: object
    ) -> pb.UpdateUserResponse:
        new = NewProfile(
            user_id=_id(request.id),
            person=Person(
                email=Email.typed(request.email),
                first_name=request.first_name,
                last_name=request.last_name,
            ),
            phone=request.phone if request.HasField("phone") else None,
            version=request.version if request.HasField("version") else None,
        )
        return pb.UpdateUserResponse(user=_message(await self.update(new)))

    async def DeleteUser(
        self, request: pb.DeleteUserRequest, _context: object
    ) -> pb.DeleteUserResponse:
        await self.delete(_id(request.id))
        return pb.DeleteUserResponse()


def _search(request: pb.FindAllUsersRequest) -> Search:
    part = part_of(request.page, UserSort, has_cursors=False)
    return Search(
        email=request.email if request.HasField("email") else None,
        name=request.name if request.HasField("name") else None,
        phone=request.phone if request.HasField("phone") else None,
        ids=_ids(request.ids) if request.ids else None,
        sort=UserSort(part.sort),
        descending=part.descending,
        limit=part.limit,
        offset=part.offset,
    )


def _ids(texts: Iterable[str]) -> list[UserId]:
    return [_id(text) for text in texts]


def _id(text: str) -> UserId:
    try:
        return UserId(UUID(text))
    except ValueError as error:
        raise InvalidError("a user's id is a UUID") from error


def _message(user: User) -> pb.User:
    profile = user.profile
    return pb.User(
        id=str(profile.id),
        email=profile.person.email.text,
        first_name=profile.person.first_name,
        last_name=profile.person.last_name,
        phone=profile.phone,
        roles=[_ROLES[role] for role in user.roles],
        created_at=_timestamp(profile.created_at),
        updated_at=_timestamp(profile.updated_at),
        version=profile.version,
        enabled=user.enabled,
    )


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
