"""The OpenID Connect issuer over HTTP: discovery, keys, and OAuth 2.0's token endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bookstore.contracts.openapi import identity as api
from bookstore.identity.application.grant_service_token import (
    ClientRefusedError,
    GrantServiceToken,
)
from bookstore.identity.application.ports import IdentityProvider, Issuer
from bookstore.identity.application.ports import Tokens as Granted
from bookstore.identity.domain.account import AccountDisabledError, CredentialsRefusedError
from bookstore.identity.domain.session import SessionEndedError
from bookstore.identity.inbound.http.form import BadFormError, read_form
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply

BEARER = "Bearer"
CLIENT = "bookstore"  # the one public client: web pages, apps and the command
GRANTS = ("password", "refresh_token", "client_credentials")

_PUBLIC = {"cache-control": "public, max-age=60"}
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class GrantRefusedError(Exception):
    """No tokens, for a reason that OAuth has a name for (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class TokensController(api.TokensApi):
    """Answers for /.well-known and /oauth."""

    public_url: str
    provider: IdentityProvider
    issuer: Issuer
    grant_service_token: GrantServiceToken

    async def get_openid_configuration(self, _caller: Caller, /) -> Reply[api.OpenidConfiguration]:
        document = api.OpenidConfiguration(
            issuer=self.public_url,
            jwks_uri=f"{self.public_url}/.well-known/jwks.json",
            token_endpoint=f"{self.public_url}/oauth/token",
            response_types_supported=[],
            grant_types_supported=list(GRANTS),
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["none", "client_secret_post"],
            scopes_supported=["openid"],
            claims_supported=[
                *("iss", "sub", "aud", "iat", "exp", "jti", "client_id"),
                *("email", "given_name", "family_name", "realm_access"),
            ],
        )
        return Reply(200, document, headers=_PUBLIC)

    async def get_key_set(self, _caller: Caller, /) -> Reply[api.KeySet]:
        keys = [msgspec.convert(key, api.PublicKey) for key in await self.issuer.key_set()]
        return Reply(200, api.KeySet(keys=keys), headers=_PUBLIC)

    async def request_token(self, caller: Caller, body: bytes, /) -> Reply[api.OauthTokens]:
        try:
            return Reply(200, await self._grant(read_form(body), caller), headers=_NO_STORE)
        except BadFormError as error:
            return _refusal(400, "invalid_request", str(error))
        except GrantRefusedError as error:
            return _refusal(400, error.error, error.description)
        except ClientRefusedError as error:
            return _refusal(401, "invalid_client", error.detail)
        except (CredentialsRefusedError, AccountDisabledError, SessionEndedError) as error:
            return _refusal(400, "invalid_grant", error.detail)

    async def _grant(self, form: Mapping[str, str], caller: Caller) -> api.OauthTokens:
        wishes = form.get("scope", "").split()  # all but openid are not granted
        match form.get("grant_type"):
            case "client_credentials":
                return await self._for_service(form)
            case "password":
                _check_public_client(form)
                granted = await self.provider.sign_in(
                    _field(form, "username"), _field(form, "password"), caller.address
                )
            case "refresh_token":
                _check_public_client(form)
                granted = await self.provider.renew(_field(form, "refresh_token"))
            case None:
                raise GrantRefusedError("invalid_request", "grant_type is missing")
            case _:
                raise GrantRefusedError("unsupported_grant_type", f"use {', '.join(GRANTS)}")
        return await self._for_user(granted, identified="openid" in wishes)

    async def _for_service(self, form: Mapping[str, str]) -> api.OauthTokens:
        client, secret = _field(form, "client_id"), _field(form, "client_secret")
        token = await self.grant_service_token(client, secret)
        return api.OauthTokens(
            access_token=token.text,
            token_type=BEARER,
            expires_in=token.expires_in,
            refresh_token=None,
            id_token=None,
            scope=None,
        )

    async def _for_user(self, granted: Granted, *, identified: bool) -> api.OauthTokens:
        id_token = await self.issuer.id_token(granted.account, CLIENT) if identified else None
        return api.OauthTokens(
            access_token=granted.access_token,
            token_type=BEARER,
            expires_in=granted.expires_in,
            refresh_token=granted.refresh_token,
            id_token=id_token,
            scope="openid" if identified else None,
        )


def _check_public_client(form: Mapping[str, str]) -> None:
    if form.get("client_id", CLIENT) != CLIENT or "client_secret" in form:
        raise ClientRefusedError


def _field(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise GrantRefusedError("invalid_request", f"{name} is missing")
    return value


def _refusal(status: int, error: str, description: str) -> Reply[api.OauthTokens]:
    document = api.OauthError(error=error, error_description=description)
    return Reply(status, msgspec.Raw(msgspec.json.encode(document)), headers=_NO_STORE)
