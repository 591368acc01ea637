"""Identity, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bookstore.contracts.openapi import identity as api
from bookstore.contracts.proto.user.v1.user_pb2_grpc import add_UserServiceServicer_to_server
from bookstore.identity.application.administer_users import AdministerUsers
from bookstore.identity.application.change_password import ChangePassword
from bookstore.identity.application.delete_user import DeleteUser
from bookstore.identity.application.find_users import FindUser, FindUsers
from bookstore.identity.application.grant_service_token import GrantServiceToken
from bookstore.identity.application.ports import IdentityProvider, Issuer, Profiles, Search
from bookstore.identity.application.sign_up import SignUp
from bookstore.identity.application.staff import Staff
from bookstore.identity.application.update_profile import UpdateProfile
from bookstore.identity.domain import session
from bookstore.identity.inbound.http.accounts import AccountsController
from bookstore.identity.inbound.http.cookie import RefreshCookie
from bookstore.identity.inbound.http.tokens import TokensController
from bookstore.identity.inbound.http.users import UsersController
from bookstore.identity.inbound.rpc import UserService
from bookstore.identity.outbound.builtin.passwords import Effort, Passwords
from bookstore.identity.outbound.builtin.provider import BuiltinProvider
from bookstore.identity.outbound.builtin.signer import Names, TokenSigner
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.identity.outbound.profiles import SqlProfiles
from bookstore.identity.settings import Settings
from bookstore.kit.auth import Authenticator, Keys, Verifier
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Service):
    """The service, and what it offers to the process it runs in.

    `authenticator` knows callers by our own tokens; `staff` and `issuer` are for the commands
    `staff reset` and `keys rotate`.
    """

    authenticator: Authenticator
    staff: Staff
    issuer: Issuer


@asynccontextmanager
async def open_identity(
    settings: Settings,
    *,
    clock: Clock | None = None,
    effort: Effort | None = None,
) -> AsyncGenerator[Identity]:
    """Wire identity to its database, and to our own identity provider therein."""
    clock = clock or SystemClock()
    with (
        open_database(settings.database_url, MIGRATIONS) as database,
        Passwords(effort or Effort()) as passwords,
    ):
        vault = database.transact(Vault)
        names = Names(issuer=settings.issuer, audience=settings.audience)
        signer = TokenSigner(vault, names, clock)
        await signer.key_set()  # so that the first sign-in need not wait for the first key
        yield wire(
            settings,
            provider=BuiltinProvider(vault, database.glance(Vault), passwords, signer, clock),
            issuer=signer,
            keys=signer,
            transact=database.transact(SqlProfiles),
            read=database.read(SqlProfiles),
            glance=database.glance(SqlProfiles),
            clock=clock,
        )


def wire(  # noqa: PLR0913 - all that identity needs
    settings: Settings,
    *,
    provider: IdentityProvider,
    issuer: Issuer,
    keys: Keys,
    transact: Transact[Profiles],
    read: Transact[Profiles],
    clock: Clock,
    glance: Transact[Profiles] | None = None,
) -> Identity:
    """Wire identity to any provider and any profiles."""
    find = FindUser(provider, glance or read, transact, clock)
    find_all = FindUsers(provider, read)
    delete = DeleteUser(provider, transact, clock)
    accounts = AccountsController(
        SignUp(provider, transact, clock),
        ChangePassword(provider),
        provider,
        RefreshCookie(settings.is_secure, session.LIFETIME),
    )
    users = UsersController(find, find_all, AdministerUsers(find, provider), delete)
    tokens = TokensController(
        settings.issuer, provider, issuer, GrantServiceToken(settings.secrets(), issuer)
    )
    servicer = UserService(find, find_all, UpdateProfile(find, provider, transact, clock), delete)

    async def ready() -> None:
        await read(lambda profiles: profiles.search(Search(limit=1)))

    return Identity(
        name="identity",
        operations=[
            *api.accounts_api_operations(accounts),
            *api.users_api_operations(users),
            *api.tokens_api_operations(tokens),
        ],
        rpc=[partial(add_UserServiceServicer_to_server, servicer)],
        ready=ready,
        authenticator=Verifier(
            keys, issuer=settings.issuer, audience=settings.audience, clock=clock
        ),
        staff=Staff(provider, transact, clock),
        issuer=issuer,
    )
