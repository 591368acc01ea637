"""Identity, put together."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

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
from bookstore.identity.domain.email import EmailTakenError
from bookstore.identity.inbound.http.accounts import AccountsController
from bookstore.identity.inbound.http.cookie import RefreshCookie
from bookstore.identity.inbound.http.tokens import TokensController
from bookstore.identity.inbound.http.users import UsersController
from bookstore.identity.inbound.rpc import UserService
from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.builtin.passwords import Effort, Passwords
from bookstore.identity.outbound.builtin.provider import BuiltinProvider
from bookstore.identity.outbound.builtin.signer import Names, TokenSigner
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.identity.outbound.profiles import SqlProfiles
from bookstore.identity.settings import Settings
from bookstore.kit.auth import Authenticator, Keys, Verifier, realm_url
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import Database, open_database
from bookstore.kit.http import Operation
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact

_TWINS: Final = (1, 2, 4)  # seconds for another process that is making the same account
_LOG = logging.getLogger("bookstore.identity")

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Service):
    """The service, and what it offers to the process it runs in.

    `authenticator` knows callers by the tokens of whoever issues them; `staff` and `issuer` are
    for the commands `staff reset` and `keys rotate`. There is no issuer where Keycloak is.
    """

    authenticator: Authenticator
    staff: Staff
    issuer: Issuer | None


@asynccontextmanager
async def open_identity(
    settings: Settings,
    *,
    clock: Clock | None = None,
    effort: Effort | None = None,
) -> AsyncGenerator[Identity]:
    """Wire identity to its database, and to the identity provider that the settings choose."""
    clock = clock or SystemClock()
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        if settings.idp == "keycloak":
            provided = _keycloak(settings, database, clock)
        else:
            provided = _builtin(settings, database, clock, effort or Effort())
        async with provided as provider:
            yield wire(
                settings,
                provided=provider,
                transact=database.transact(SqlProfiles),
                read=database.read(SqlProfiles),
                glance=database.glance(SqlProfiles),
                clock=clock,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """An identity provider, the keys its tokens are signed with, and who signs if we do."""

    provider: IdentityProvider
    keys: Keys
    issuer: Issuer | None = None


@asynccontextmanager
async def _builtin(
    settings: Settings, database: Database, clock: Clock, effort: Effort
) -> AsyncGenerator[Provided]:
    """Open our own provider, in the same database."""
    with Passwords(effort) as passwords:
        vault = database.transact(Vault)
        names = Names(issuer=settings.issuer.name, audience=settings.audience)
        signer = TokenSigner(vault, names, clock)
        await signer.key_set()  # so that the first sign-in need not wait for the first key
        provider = BuiltinProvider(vault, database.glance(Vault), passwords, signer, clock)
        yield Provided(provider=provider, keys=signer, issuer=signer)


@asynccontextmanager
async def _keycloak(
    settings: Settings, database: Database, clock: Clock
) -> AsyncGenerator[Provided]:
    """Open a Keycloak elsewhere; only the attempts to sign in are kept here."""
    from bookstore.identity.outbound.keycloak.open import (  # noqa: PLC0415 - who has no Keycloak needs no client of it
        open_keycloak,
    )

    async with open_keycloak(
        settings.issuer,
        url=realm_url(settings.oidc_issuer, settings.oidc_url),
        secret=settings.service_secret,
        attempts=database.transact(SqlAttempts),
        clock=clock,
    ) as keycloak:
        yield Provided(provider=keycloak.provider, keys=keycloak.keys)


def wire(  # noqa: PLR0913 - all that identity needs
    settings: Settings,
    *,
    provided: Provided,
    transact: Transact[Profiles],
    read: Transact[Profiles],
    clock: Clock,
    glance: Transact[Profiles] | None = None,
) -> Identity:
    """Wire identity to any provider and any profiles.

    Where another issues the tokens, it answers for the OpenID Connect operations too.
    """
    provider, issuer = provided.provider, provided.issuer
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
    tokens: list[Operation] = []
    if issuer is not None:
        grant = GrantServiceToken(settings.secrets(), issuer)
        tokens = api.tokens_api_operations(
            TokensController(settings.issuer.name, provider, issuer, grant)
        )
    servicer = UserService(find, find_all, UpdateProfile(find, provider, transact, clock), delete)

    async def ready() -> None:
        await read(lambda profiles: profiles.search(Search(limit=1)))

    staff = Staff(provider, transact, clock)

    async def staffed() -> None:
        for pause in _TWINS:
            try:
                await staff.ensure(settings.staff_email, settings.staff_password)
            except EmailTakenError:
                await asyncio.sleep(pause)
            else:
                return
        _LOG.error("STAFF_EMAIL is the address of somebody who is no staff: name another")

    return Identity(
        name="identity",
        operations=[
            *api.accounts_api_operations(accounts),
            *api.users_api_operations(users),
            *tokens,
        ],
        rpc=[partial(add_UserServiceServicer_to_server, servicer)],
        ready=ready,
        authenticator=Verifier(
            provided.keys, issuer=settings.issuer.name, audience=settings.audience, clock=clock
        ),
        background=[staffed] if settings.staff_email else [],
        staff=staff,
        issuer=issuer,
    )
