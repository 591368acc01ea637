"""The roles of a Keycloak's users: given directly, or within another role.

Whoever signs up has the realm's default role at once, and the roles of a customer within it.
"""

from collections.abc import Collection

from bookstore.contracts.idp import Role as RealmRole
from bookstore.identity.outbound.keycloak.accounts import roles_named
from bookstore.identity.outbound.keycloak.realm import Realm
from bookstore.kit.caller import Role


class RealmRoles:
    """Reads and replaces what users may do."""

    def __init__(self, realm: Realm) -> None:
        self._api = realm.roles
        self._ask = realm.administer

    async def of(self, user_id: str) -> frozenset[Role]:
        """Return all that the user may do; raises IdpError."""
        roles = await self._ask(self._api.list_effective_user_roles, user_id)
        return roles_named(role.name for role in roles)

    async def replace(self, user_id: str, wanted: Collection[Role]) -> None:
        """Give what is missing, then take what is too much; raises IdpError."""
        effective = await self.of(user_id)
        if effective == frozenset(wanted):
            return
        known = await self._ask(self._api.list_roles)
        direct = await self._ask(self._api.list_user_roles, user_id)
        has = {role.name for role in direct}
        missing = [role for role in known if role.name in wanted and role.name not in has]
        if missing:
            await self._ask(self._api.add_user_roles, user_id, missing)
        if excess := _excess(direct, effective, wanted):
            await self._ask(self._api.remove_user_roles, user_id, excess)


def _excess(
    direct: Collection[RealmRole], effective: frozenset[Role], wanted: Collection[Role]
) -> list[RealmRole]:
    """Return what to take: roles of ours, and roles with others in them if those are too much."""
    within = effective - roles_named(role.name for role in direct) - frozenset(wanted)
    return [
        role
        for role in direct
        if (role.composite and within) or (roles_named([role.name]) and role.name not in wanted)
    ]
