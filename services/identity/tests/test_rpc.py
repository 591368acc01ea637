"""Identity over gRPC, as customer and order call it."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.harness.pages import IMPOSSIBLE_PAGES

from bookstore.contracts.proto.common.v1 import page_pb2
from bookstore.contracts.proto.user.v1 import user_pb2 as pb
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.identity.app import Provided, wire
from bookstore.identity.application.sign_up import Registration, SignUp
from bookstore.identity.domain.account import CUSTOMER, UserId
from bookstore.identity.settings import Settings
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import BookstoreError, ConflictError, InvalidError, NotFoundError
from bookstore.kit.rpc import Loopback
from bookstore.kit.transaction import at_once
from services.identity.tests.builders import ADA, NOW, PASSWORD, person
from services.identity.tests.fakes import MemoryProfiles, MemoryProvider, NoIssuer

NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


class World:
    """A user, and a channel to the service that knows them."""

    def __init__(self) -> None:
        self.provider = MemoryProvider()
        self.profiles = at_once(MemoryProfiles())
        self.clock = FakeClock(NOW)
        keys = NoIssuer()
        identity = wire(
            Settings(),
            provided=Provided(provider=self.provider, keys=keys, issuer=keys),
            transact=self.profiles,
            read=self.profiles,
            clock=self.clock,
        )
        loopback = Loopback()
        for register in identity.rpc:
            register(loopback.server)
        self.users = UserServiceStub(loopback.channel)

    async def sign_up(self, email: str = ADA) -> str:
        sign_up = SignUp(self.provider, self.profiles, self.clock)
        registration = Registration(person=person(email), password=PASSWORD, phone="+44 1")
        return str(await sign_up(registration))


@pytest.fixture
def world() -> World:
    return World()


async def test_a_user_is_found_by_id(world: World) -> None:
    user_id = await world.sign_up()
    user = (await world.users.FindUser(pb.FindUserRequest(id=user_id))).user

    assert (user.id, user.email, user.first_name, user.last_name) == (
        user_id,
        ADA,
        "Ada",
        "Lovelace",
    )
    assert (user.phone, user.version) == ("+44 1", 1)
    assert list(user.roles) == [pb.AUTH_ROLE_PROFILE, pb.AUTH_ROLE_ORDER, pb.AUTH_ROLE_VIEW]
    assert user.created_at.ToDatetime(NOW.tzinfo) == NOW
    assert user.enabled


async def test_who_was_disabled_is_said_to_be(world: World) -> None:
    user_id = await world.sign_up()
    await world.provider.set_enabled(UserId(UUID(user_id)), enabled=False)

    assert not (await world.users.FindUser(pb.FindUserRequest(id=user_id))).user.enabled


async def test_nobody_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError) as refused:
        await world.users.FindUser(pb.FindUserRequest(id=NOBODY))
    assert refused.value.code == "user-not-found"


async def test_users_are_found_by_what_is_known_of_them(world: World) -> None:
    ada = await world.sign_up()
    world.clock.advance(timedelta(seconds=1))
    grace = await world.sign_up("grace@example.com")
    request = pb.FindAllUsersRequest

    for asked, found in [
        (request(), [grace, ada]),
        (request(page=page_pb2.PageRequest(order=page_pb2.SORT_ORDER_ASC)), [ada, grace]),
        (request(page=page_pb2.PageRequest(sort="email", limit=1)), [grace]),
        (request(page=page_pb2.PageRequest(limit=100, offset=1)), [ada]),
        (request(email="ADA@example.com"), [ada]),
        (request(name="love", ids=[grace, NOBODY]), [grace]),
        (request(phone="+44 2"), []),
    ]:
        answer = await world.users.FindAllUsers(asked)
        assert [user.id for user in answer.items] == found


async def test_a_profile_is_replaced_as_a_whole(world: World) -> None:
    user_id = await world.sign_up()
    new = pb.UpdateUserRequest(
        id=user_id, email="ada@lovelace.example", first_name="Augusta", last_name="King", version=1
    )
    user = (await world.users.UpdateUser(new)).user

    assert (user.email, user.first_name, user.last_name) == (new.email, "Augusta", "King")
    assert not user.HasField("phone")
    assert user.version == 2
    with pytest.raises(ConflictError) as refused:
        await world.users.UpdateUser(new)
    assert refused.value.code == "version-mismatch"


async def test_a_taken_address_is_a_conflict(world: World) -> None:
    user_id = await world.sign_up()
    await world.provider.enrol(person("grace@example.com"), PASSWORD, CUSTOMER)
    with pytest.raises(ConflictError) as refused:
        await world.users.UpdateUser(pb.UpdateUserRequest(id=user_id, email="Grace@example.com"))
    assert refused.value.code == "email-taken"


async def test_deleting_twice_is_deleting_once(world: World) -> None:
    user_id = await world.sign_up()
    for _ in range(2):
        await world.users.DeleteUser(pb.DeleteUserRequest(id=user_id))

    with pytest.raises(NotFoundError):
        await world.users.FindUser(pb.FindUserRequest(id=user_id))


@pytest.mark.parametrize(("page", "code"), IMPOSSIBLE_PAGES.values(), ids=IMPOSSIBLE_PAGES)
async def test_a_page_that_cannot_be_is_refused(
    world: World, page: page_pb2.PageRequest, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await world.users.FindAllUsers(pb.FindAllUsersRequest(page=page))
    assert refused.value.code == code


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    for attempt in (
        world.users.FindUser(pb.FindUserRequest(id="7")),
        world.users.UpdateUser(pb.UpdateUserRequest(id=await world.sign_up(), email="no address")),
    ):
        with pytest.raises(BookstoreError) as refused:
            await attempt
        assert isinstance(refused.value, InvalidError)
