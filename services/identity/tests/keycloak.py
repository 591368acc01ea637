"""A small Keycloak in memory: answers as the real one was seen to, where identity asks it.

The suites run on both (`make test-keycloak`), which keeps this one honest.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from bookstore.kit.auth import Algorithm, Issuer, Key

REALM = "https://id.example/realms/bookstore"
ISSUER = Issuer.keycloak(REALM)
SECRET = "identity's own secret, of 32 characters"
DEFAULT = "default-roles-bookstore"
WITHIN_DEFAULT = ("view", "profile", "order")
ROLES = (*WITHIN_DEFAULT, "manage", "system", DEFAULT)

_SIGNER = ec.generate_private_key(ec.SECP256R1())


@dataclass
class User:
    """A user: as the admin API shows it, with a password and the roles given directly."""

    document: dict[str, Any]
    password: str
    roles: list[str] = field(default_factory=lambda: [DEFAULT])

    @property
    def effective(self) -> list[str]:
        return [*self.roles, *(WITHIN_DEFAULT if DEFAULT in self.roles else ())]


@dataclass
class FakeKeycloak:
    """Its users and sessions.

    `asked` is what was asked, as in `POST users`; `answers` are to be given instead of its own,
    by what is asked; a `policy` refuses every password; `admin` is the token identity must have.
    """

    users: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, tuple[str, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: dict[str, httpx.Response | Exception] = field(default_factory=dict)
    policy: str = ""
    admin: str = "admin-1"
    secret: str = SECRET

    def __post_init__(self) -> None:
        self.add("service-account-order", "", roles=["system"])

    def add(self, username: str, password: str, **document: Any) -> str:
        """Make a user by hand, as in Keycloak's console; returns the id."""
        user_id = str(uuid4())
        roles = document.pop("roles", [DEFAULT])
        made = {"id": user_id, "username": username, "enabled": True, **document}
        self.users[user_id] = User({**made, "createdTimestamp": len(self.users)}, password, roles)
        return user_id

    @property
    def keys(self) -> list[dict[str, str]]:
        """The public keys."""
        key = Key(kid="kc", algorithm=Algorithm.ES256, public=_SIGNER.public_key())
        return [key.as_jwk()]

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        edge, _, rest = request.url.path.partition("/realms/bookstore/")
        self.asked.append(f"{request.method} {rest}")
        if (answer := self._instead(rest)) is not None:
            if isinstance(answer, Exception):
                raise answer
            return answer
        if edge != "/admin":
            return self._connect(rest, dict(parse_qsl(request.content.decode())))
        if request.headers["authorization"] != f"Bearer {self.admin}":
            return httpx.Response(401, json={"error": "HTTP 401 Unauthorized"})
        return self._administer(request, rest.split("/"))

    def _instead(self, rest: str) -> httpx.Response | Exception | None:
        return next((self.answers[part] for part in self.answers if part in rest), None)

    # --- OpenID Connect

    def _connect(self, rest: str, form: dict[str, str]) -> httpx.Response:
        if rest.endswith("/certs"):
            return httpx.Response(200, json={"keys": self.keys})
        if (form.get("client_id"), form.get("client_secret")) != ("identity", self.secret):
            return _refused(401, "unauthorized_client", "Invalid client credentials")
        if rest.endswith("/logout"):
            session = form["refresh_token"].split(".")
            if len(session) != 2:
                return _refused(400, "invalid_grant", "Invalid refresh token")
            self.sessions.pop(session[0], None)
            return httpx.Response(204)
        match form["grant_type"]:
            case "client_credentials":
                return httpx.Response(200, json={"access_token": self.admin, "expires_in": 900})
            case "password":
                return self._sign_in(form.get("username", ""), form.get("password", ""))
            case _:
                return self._renew(form.get("refresh_token", ""))

    def _sign_in(self, username: str, password: str) -> httpx.Response:
        user = self._named(username) or self._named(username, "email")
        if user is None or user.password != password:
            return _refused(400, "invalid_grant", "Invalid user credentials")
        if not user.document["enabled"]:
            return _refused(400, "invalid_grant", "Account disabled")
        session = uuid4().hex
        self.sessions[session] = user.document["id"], 0
        return self._granted(user, f"{session}.0")

    def _renew(self, token: str) -> httpx.Response:
        session, _, number = token.partition(".")
        if session not in self.sessions:
            return _refused(400, "invalid_grant", "Session not active")
        user_id, newest = self.sessions[session]
        if number != str(newest):
            del self.sessions[session]
            return _refused(400, "invalid_grant", "Stale token")
        self.sessions[session] = user_id, newest + 1
        return self._granted(self.users[user_id], f"{session}.{newest + 1}")

    def _granted(self, user: User, refresh_token: str) -> httpx.Response:
        now, shown = int(time.time()), user.document
        claims = {
            "iss": REALM,
            "aud": "bookstore",
            "typ": "Bearer",
            "sub": shown["id"],
            "iat": now,
            "exp": now + 900,
            "realm_access": {"roles": user.effective},
            "email": shown.get("email"),
            "given_name": shown.get("firstName"),
            "family_name": shown.get("lastName"),
        }
        said = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(said, _SIGNER, "ES256", headers={"kid": "kc"})
        document = {"access_token": token, "expires_in": 900, "refresh_token": refresh_token}
        return httpx.Response(200, json=document | {"token_type": "Bearer"})

    # --- the admin API

    def _administer(self, request: httpx.Request, parts: list[str]) -> httpx.Response:
        query, body = request.url.params, json.loads(request.content or b"null")
        match request.method, parts:
            case "POST", ["users"]:
                return self._create(body)
            case "GET", ["users"]:
                return httpx.Response(200, json=self._found(query))
            case "GET", ["roles"]:
                return httpx.Response(200, json=[_role(name) for name in ROLES])
            case "GET", ["roles", role, "users"]:
                found = [one.document for one in self.users.values() if role in one.roles]
                return httpx.Response(200, json=found[::-1])
            case method, ["users", user_id, *rest] if user_id in self.users:
                return self._change(self.users[user_id], f"{method} {'/'.join(rest)}", body)
            case _:
                return httpx.Response(404, json={"error": "User not found"})

    def _change(self, user: User, wanted: str, body: Any) -> httpx.Response:
        match wanted.split(" ", 1):
            case "GET", "":
                return httpx.Response(200, json=user.document)
            case "PUT", "":
                return self._clash(body, user) or self._update(user, body)
            case "DELETE", "":
                del self.users[user.document["id"]]
                self._end_all(user)
            case "PUT", "reset-password":
                if self.policy:
                    return httpx.Response(400, json={"errorMessage": self.policy})
                user.password = body["value"]
            case "POST", "logout":
                self._end_all(user)
            case method, mapping:
                return self._map(user, method, mapping, body)
        return httpx.Response(204)

    def _map(self, user: User, method: str, mapping: str, body: Any) -> httpx.Response:
        named = {role["name"] for role in body or ()}
        if method == "GET":
            names = user.effective if mapping.endswith("/composite") else user.roles
            return httpx.Response(200, json=[_role(name) for name in names])
        kept = [name for name in user.roles if name not in named]
        user.roles = kept if method == "DELETE" else [*kept, *sorted(named)]
        return httpx.Response(204)

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        if clash := self._clash(body):
            return clash
        if self.policy:
            return httpx.Response(400, json={"errorMessage": self.policy})
        (credential,) = body.pop("credentials")
        user_id = self.add(body.pop("username"), credential["value"], **_small(body))
        return httpx.Response(201, headers={"location": f"https://id.example/users/{user_id}"})

    def _update(self, user: User, body: dict[str, Any]) -> httpx.Response:
        user.document |= _small(body)
        return httpx.Response(204)

    def _clash(self, body: dict[str, Any], user: User | None = None) -> httpx.Response | None:
        email = body.get("email", "a@b")
        if ".." in email:
            said = {"field": "email", "errorMessage": "error-invalid-email"}
            return httpx.Response(400, json=said)
        for name in ("username", "email"):
            holder = self._named(body.get(name), name)
            if holder is not None and holder is not user:
                return httpx.Response(409, json={"errorMessage": f"User exists with same {name}"})
        return None

    def _found(self, query: httpx.QueryParams) -> list[dict[str, Any]]:
        if "search" in query:
            ids = query["search"].removeprefix("id:").split()
            return [self.users[one].document for one in ids if one in self.users]
        name = "username" if "username" in query else "email"
        user = self._named(query[name], name)
        return [] if user is None else [user.document]

    def _named(self, value: str | None, name: str = "username") -> User | None:
        wanted = value.lower() if value else None
        found = (one for one in self.users.values() if one.document.get(name) == wanted)
        return next(found, None) if wanted else None

    def _end_all(self, user: User) -> None:
        own = user.document["id"]
        self.sessions = {key: one for key, one in self.sessions.items() if one[0] != own}


def _small(body: dict[str, Any]) -> dict[str, Any]:
    return body | {name: body[name].lower() for name in ("email", "username") if name in body}


def _role(name: str) -> dict[str, Any]:
    return {"id": f"id-of-{name}", "name": name, "composite": name == DEFAULT}


def _refused(status: int, error: str, description: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "error_description": description})
