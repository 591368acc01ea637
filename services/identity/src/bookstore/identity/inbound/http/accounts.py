"""Signing up, in and out, over HTTP."""

from dataclasses import dataclass

from bookstore.contracts.openapi import identity as api
from bookstore.identity.application.change_password import ChangePassword, PasswordChange
from bookstore.identity.application.ports import IdentityProvider, Tokens
from bookstore.identity.application.sign_up import Registration, SignUp
from bookstore.identity.domain.account import Person, UserId
from bookstore.identity.domain.email import Email
from bookstore.identity.domain.session import SessionEndedError
from bookstore.identity.inbound.http.cookie import RefreshCookie
from bookstore.identity.inbound.http.tokens import BEARER
from bookstore.kit.caller import Caller
from bookstore.kit.errors import ForbiddenError
from bookstore.kit.http import Reply


@dataclass(frozen=True, slots=True)
class AccountsController(api.AccountsApi):
    """Answers for /api/v1/users/signup and its neighbours."""

    sign_up_: SignUp
    change_password_: ChangePassword
    provider: IdentityProvider
    cookie_: RefreshCookie

    async def sign_up(self, _caller: Caller, body: api.Registration, /) -> Reply[api.Registered]:
        person = Person(
            email=Email.typed(body.email), first_name=body.first_name, last_name=body.last_name
        )
        registration = Registration(person=person, password=body.password, phone=body.phone)
        user_id = await self.sign_up_(registration)
        return Reply(201, api.Registered(id=user_id), location=f"/api/v1/users/{user_id}")

    async def sign_in(self, caller: Caller, body: api.Credentials, /) -> Reply[api.Session]:
        tokens = await self.provider.sign_in(body.email, body.password, caller.address)
        return self._session(tokens)

    async def sign_out(self, _caller: Caller, cookie: api.SignOutCookie, /) -> Reply[None]:
        await self.provider.sign_out(_needed(cookie.refresh_token))
        return Reply(204, None, headers={"set-cookie": self.cookie_.clear()})

    async def exchange_tokens(
        self, _caller: Caller, cookie: api.ExchangeTokensCookie, /
    ) -> Reply[api.Session]:
        return self._session(await self.provider.renew(_needed(cookie.refresh_token)))

    async def change_password(self, caller: Caller, body: api.PasswordChange, /) -> None:
        if caller.id is None:
            raise ForbiddenError("a service has no password")
        await self.change_password_(
            PasswordChange(
                user_id=UserId(caller.id),
                current=body.current_password,
                new=body.new_password,
                address=caller.address,
            )
        )

    def _session(self, tokens: Tokens) -> Reply[api.Session]:
        session = api.Session(
            access_token=tokens.access_token, token_type=BEARER, expires_in=tokens.expires_in
        )
        headers = {
            "set-cookie": self.cookie_.set(tokens.refresh_token),
            "cache-control": "no-store",
        }
        return Reply(200, session, headers=headers)


def _needed(refresh_token: str | None) -> str:
    if not refresh_token:
        raise SessionEndedError
    return refresh_token
