"""The stories of identity, on a provider and profiles in memory."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bookstore.identity.application.administer_users import AdministerUsers
from bookstore.identity.application.change_password import ChangePassword, PasswordChange
from bookstore.identity.application.delete_user import DeleteUser
from bookstore.identity.application.find_users import FindUser, FindUsers
from bookstore.identity.application.grant_service_token import (
    ClientRefusedError,
    GrantServiceToken,
)
from bookstore.identity.application.ports import Search
from bookstore.identity.application.sign_up import Registration, SignUp
from bookstore.identity.application.staff import DEFAULT_EMAIL, Staff, StaffNotFoundError
from bookstore.identity.application.update_profile import NewProfile, UpdateProfile
from bookstore.identity.domain.account import (
    CUSTOMER,
    STAFF,
    CredentialsRefusedError,
    Person,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import EmailTakenError
from bookstore.identity.domain.password import PasswordInvalidError
from bookstore.identity.domain.profile import Profile
from bookstore.kit.caller import Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import at_once
from services.identity.tests.builders import ADA, HOME, NOW, PASSWORD, person
from services.identity.tests.fakes import MemoryProfiles, MemoryProvider, NoIssuer


class RacingProvider(MemoryProvider):
    """Lets something else happen right after it was told of a change, once."""

    meanwhile: Callable[[], None] | None = None

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        await super().replace_person(user_id, person)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()


class World:
    """Everything the stories need."""

    def __init__(self, provider: MemoryProvider | None = None) -> None:
        clock = FakeClock(NOW)
        self.provider = provider or MemoryProvider()
        self.profiles = MemoryProfiles()
        transact = at_once(self.profiles)
        self.sign_up = SignUp(self.provider, transact, clock)
        self.find = FindUser(self.provider, transact, transact, clock)
        self.find_all = FindUsers(self.provider, transact)
        self.update = UpdateProfile(self.find, self.provider, transact, clock)
        self.delete = DeleteUser(self.provider, transact, clock)
        self.administer = AdministerUsers(self.find, self.provider)
        self.staff = Staff(self.provider, transact, clock)

    async def ada(self) -> UserId:
        registration = Registration(person=person(), password=PASSWORD, phone="+44 1")
        return await self.sign_up(registration)


@pytest.fixture
def world() -> World:
    return World()


async def test_who_signs_up_has_an_account_and_a_profile(world: World) -> None:
    user = await world.find(await world.ada())

    assert user.profile == Profile(
        id=user.profile.id, person=person(), phone="+44 1", created_at=NOW, updated_at=NOW
    )
    assert user.roles == [Role.PROFILE, Role.ORDER, Role.VIEW]
    assert user.enabled


async def test_a_taken_address_makes_no_profile(world: World) -> None:
    await world.ada()
    with pytest.raises(EmailTakenError):
        await world.ada()

    assert len(world.profiles.kept) == 1


async def test_a_bad_password_makes_no_account(world: World) -> None:
    with pytest.raises(PasswordInvalidError):
        await world.sign_up(Registration(person=person(), password="short"))

    assert not world.provider.accounts


async def test_a_missing_profile_is_made_of_what_the_provider_knows(world: World) -> None:
    account = await world.provider.enrol(person(), PASSWORD, CUSTOMER)

    user = await world.find(account.id)
    assert user.profile.person == person()
    assert world.profiles.find(account.id) == user.profile


async def test_nobody_is_not_found(world: World) -> None:
    with pytest.raises(UserNotFoundError):
        await world.find(UserId(uuid7()))


async def test_a_page_of_users_says_what_each_may_do(world: World) -> None:
    await world.staff.ensure()
    await world.ada()
    page = await world.find_all(Search(name="ada"))

    assert page.total == 1
    assert [user.roles for user in page.users] == [[Role.PROFILE, Role.ORDER, Role.VIEW]]


async def test_a_user_whose_account_ended_meanwhile_may_do_nothing(world: World) -> None:
    user_id = await world.ada()
    await world.provider.remove(user_id)
    (user,) = (await world.find_all(Search())).users

    assert (user.roles, user.enabled) == ([], False)


async def test_a_new_profile_is_known_to_the_provider_too(world: World) -> None:
    user_id = await world.ada()
    new = person("ada@lovelace.example", "Augusta Ada", "King")
    user = await world.update(NewProfile(user_id=user_id, person=new, phone=None, version=1))

    assert (user.profile.person, user.profile.phone, user.profile.version) == (new, None, 2)
    assert (await world.provider.find(user_id)).person == new


async def test_a_new_telephone_number_is_none_of_the_providers_business() -> None:
    provider = RacingProvider()
    world = World(provider)
    user_id = await world.ada()
    told: list[str] = []
    provider.meanwhile = lambda: told.append("a change")
    user = await world.update(NewProfile(user_id=user_id, person=person(), phone="+44 2"))

    assert (user.profile.phone, told) == ("+44 2", [])


async def test_a_stale_version_changes_nothing(world: World) -> None:
    user_id = await world.ada()
    new = NewProfile(user_id=user_id, person=person("other@example.com"), phone=None, version=2)
    with pytest.raises(VersionMismatchError):
        await world.update(new)

    assert (await world.provider.find(user_id)).person == person()


async def test_an_address_that_is_taken_changes_nothing(world: World) -> None:
    user_id = await world.ada()
    await world.provider.enrol(person("grace@example.com"), PASSWORD, CUSTOMER)
    with pytest.raises(EmailTakenError):
        await world.update(
            NewProfile(user_id=user_id, person=person("grace@example.com"), phone=None)
        )

    assert (await world.find(user_id)).profile.version == 1


async def test_of_two_changes_at_once_the_provider_knows_the_winner() -> None:
    provider = RacingProvider()
    world = World(provider)
    user_id = await world.ada()
    winner, loser = person("winner@example.com"), person("loser@example.com")
    won = world.profiles.kept[user_id].changed(winner, None, NOW)
    provider.meanwhile = lambda: world.profiles.replace(won)

    with pytest.raises(VersionMismatchError):
        await world.update(NewProfile(user_id=user_id, person=loser, phone=None))

    assert (await provider.find(user_id)).person == winner


async def test_a_deleted_user_leaves_nothing_but_an_id(world: World) -> None:
    user_id = await world.ada()
    await world.delete(user_id)
    await world.delete(user_id)

    with pytest.raises(UserNotFoundError):
        await world.find(user_id)
    assert "ada" not in repr(world.profiles.kept[user_id]).lower()
    assert user_id not in world.provider.accounts


async def test_a_deletion_cut_short_is_finished_by_the_next(world: World) -> None:
    user_id = await world.ada()
    await world.provider.remove(user_id)
    await world.delete(user_id)

    assert world.profiles.kept[user_id].deleted


async def test_an_account_without_a_profile_can_be_deleted(world: World) -> None:
    account = await world.provider.enrol(person(), PASSWORD, CUSTOMER)
    await world.delete(account.id)

    assert not world.provider.accounts


async def test_nobody_cannot_be_deleted(world: World) -> None:
    with pytest.raises(UserNotFoundError):
        await world.delete(UserId(uuid7()))


async def test_a_new_password_follows_the_rules(world: World) -> None:
    user_id = await world.ada()
    change = PasswordChange(user_id=user_id, current=PASSWORD, new="new password", address=HOME)
    change_password = ChangePassword(world.provider)

    with pytest.raises(PasswordInvalidError) as refused:
        await change_password(replace(change, new="short"))
    assert refused.value.fields[0].pointer == "/new_password"
    await change_password(change)
    await world.provider.sign_in(ADA, "new password", HOME)


async def test_administrators_say_what_a_user_may_do_and_whether(world: World) -> None:
    user_id = await world.ada()

    assert (await world.administer.replace_roles(user_id, [Role.VIEW])).roles == [Role.VIEW]
    assert not (await world.administer.disable(user_id)).enabled
    assert (await world.administer.enable(user_id)).enabled


async def test_the_first_start_makes_a_staff_account_and_the_next_does_not(
    world: World,
) -> None:
    made = await world.staff.ensure()
    assert made is not None
    assert made.email == DEFAULT_EMAIL
    tokens = await world.provider.sign_in(made.email, made.password, HOME)

    assert tokens.account.roles == STAFF
    assert await world.staff.ensure() is None
    assert (await world.find(tokens.account.id)).profile.person.email.text == DEFAULT_EMAIL


async def test_a_named_staff_account_is_made_beside_others_and_then_left_alone(
    world: World,
) -> None:
    await world.staff.ensure()
    made = await world.staff.ensure(ADA, PASSWORD)

    assert made is not None
    assert (made.email, made.password) == (ADA, PASSWORD)
    assert await world.staff.ensure(ADA.upper(), "another password") is None
    await world.provider.sign_in(ADA, PASSWORD, HOME)


async def test_a_customer_is_not_promoted_by_naming_their_address(world: World) -> None:
    await world.ada()

    with pytest.raises(EmailTakenError):
        await world.staff.ensure(ADA, "another password")
    (account,) = world.provider.accounts.values()
    assert account.roles == CUSTOMER


async def test_a_staff_account_that_was_left_half_made_is_finished(world: World) -> None:
    """The provider made it, and its answer was lost before it was given its roles."""
    half = await world.provider.enrol(person(ADA, "Store", "Staff"), PASSWORD, CUSTOMER)

    made = await world.staff.ensure(ADA, PASSWORD)

    assert made is not None
    tokens = await world.provider.sign_in(ADA, PASSWORD, HOME)
    assert (tokens.account.id, tokens.account.roles) == (half.id, STAFF)
    assert (await world.find(half.id)).profile.person.email.text == ADA
    assert await world.staff.ensure(ADA, PASSWORD) is None


async def test_a_lost_staff_account_gets_a_new_password_and_is_opened(world: World) -> None:
    first = await world.staff.ensure()
    assert first is not None
    reset = await world.staff.reset()

    assert reset.email == first.email
    with pytest.raises(CredentialsRefusedError):
        await world.provider.sign_in(first.email, first.password, HOME)
    await world.provider.sign_in(reset.email, reset.password, HOME)


async def test_a_disabled_staff_account_is_opened_by_its_name(world: World) -> None:
    await world.staff.ensure()
    await world.staff.ensure(ADA, PASSWORD)
    account = next(
        a for a in world.provider.accounts.values() if a.person == person(ADA, "Store", "Staff")
    )
    await world.provider.set_enabled(account.id, enabled=False)

    await world.staff.reset(ADA, "new password")
    await world.provider.sign_in(ADA, "new password", HOME)


async def test_a_customers_account_is_no_staff_account(world: World) -> None:
    await world.ada()

    for email in (ADA, "nobody@example.com", None):
        with pytest.raises(StaffNotFoundError):
            await world.staff.reset(email)


@pytest.mark.parametrize(
    ("client", "secret"), [("order", "x" * 32), ("payment", "s" * 32), ("payment", ""), ("", "")]
)
async def test_a_service_with_a_wrong_secret_gets_no_token(client: str, secret: str) -> None:
    grant = GrantServiceToken({"order": "s" * 32}, NoIssuer())

    with pytest.raises(ClientRefusedError):
        await grant(client, secret)
    assert (await grant("order", "s" * 32)).text == "token-of-order"
