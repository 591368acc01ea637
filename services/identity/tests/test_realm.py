"""deploy/keycloak/realm.json: what a Keycloak is told, which no secret is part of."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bookstore.identity.domain import session
from bookstore.identity.domain.account import CUSTOMER
from bookstore.identity.outbound.builtin import signer
from bookstore.kit.caller import Role

REALM: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "deploy/keycloak/realm.json").read_text()
)
CLIENTS = {client["clientId"]: client for client in REALM["clients"]}
SERVICES = CLIENTS.keys() - {"bookstore", "identity"}
ROLES = {role["name"]: role for role in REALM["roles"]["realm"]}


def members(document: Any) -> Iterator[str]:
    """Name every member of a document."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from members(value)
    elif isinstance(document, list):
        for value in document:
            yield from members(value)


def flows(client: dict[str, Any]) -> set[str]:
    """Name the ways in which a client gets tokens."""
    ways = ("standardFlow", "implicitFlow", "directAccessGrants", "serviceAccounts")
    return {f"{way}Enabled" for way in ways if client.get(f"{way}Enabled")}


def test_there_is_no_secret_in_it() -> None:
    named = set(members(REALM))

    assert named.isdisjoint({"secret", "credentials", "value", "privateKey", "password"})


def test_its_roles_are_ours_and_whoever_signs_up_is_a_customer() -> None:
    default = ROLES.pop("default-roles-bookstore")

    assert set(ROLES) == {role.value for role in Role}
    assert set(default["composites"]["realm"]) == {role.value for role in CUSTOMER}


def test_its_sessions_last_as_long_as_those_of_our_own_issuer() -> None:
    assert timedelta(seconds=REALM["accessTokenLifespan"]) == signer.LIFETIME
    assert timedelta(seconds=REALM["ssoSessionIdleTimeout"]) == session.LIFETIME
    assert (REALM["revokeRefreshToken"], REALM["refreshTokenMaxReuse"]) == (True, 0)


def test_every_token_is_meant_for_the_bookstore() -> None:
    for client in CLIENTS.values():
        mappers = {
            mapper["protocolMapper"]: mapper["config"] for mapper in client["protocolMappers"]
        }

        assert mappers["oidc-audience-mapper"]["included.client.audience"] == "bookstore"
        assert client["fullScopeAllowed"] is False


def test_the_public_client_has_the_code_flow_with_pkce_and_nothing_else() -> None:
    public = CLIENTS["bookstore"]

    assert flows(public) == {"standardFlowEnabled"}
    assert public["publicClient"] is True
    assert public["attributes"]["pkce.code.challenge.method"] == "S256"


def test_each_service_that_calls_another_is_a_client_under_its_own_name() -> None:
    assert {"catalog", "customer", "inventory", "order", "payment"} == SERVICES
    for name in SERVICES:
        client = CLIENTS[name]
        subject = {mapper["name"]: mapper["config"] for mapper in client["protocolMappers"]}

        assert subject["subject"]["claim.value"] == name
        assert flows(client) == {"serviceAccountsEnabled"}
        assert client["publicClient"] is False


def test_services_may_do_what_services_may_and_only_identity_administers() -> None:
    users = {user["serviceAccountClientId"]: user for user in REALM["users"]}

    assert users.keys() == SERVICES | {"identity"}
    assert all(users[name]["realmRoles"] == ["system"] for name in SERVICES)
    assert [name for name, user in users.items() if "clientRoles" in user] == ["identity"]
