"""Who has an account, from the identity service."""

from typing import Final

from grpc import aio

from bookstore.contracts.proto.user.v1.user_pb2 import FindUserRequest
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.kit.errors import NotFoundError
from bookstore.order.application.ports import Accounts
from bookstore.order.domain.order import UserId

PATIENCE_S: Final = 1.0  # somebody waits to buy, and may be believed without an answer


class IdentityAccounts(Accounts):
    """Asks identity at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._users = UserServiceStub(channel)

    async def is_open(self, user_id: UserId) -> bool:
        request = FindUserRequest(id=str(user_id))
        try:
            found = await self._users.FindUser(request, timeout=PATIENCE_S)
        except NotFoundError:
            return False
        return found.user.enabled
