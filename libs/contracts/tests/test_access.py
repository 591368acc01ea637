"""Every operation, asked by nobody, by a stranger to it, and by each role there is."""

from uuid import UUID

import httpx
import pytest

from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.http import application
from libs.contracts.tests.specs import Specified, operations

OPERATIONS = list(operations())
SOMEBODY = UUID(int=1)
CALLERS = KnownCallers(
    {role.value: Caller(id=SOMEBODY, roles=frozenset({role})) for role in Role}
    | {"no role": Caller(id=SOMEBODY)}
    | {"every role": Caller(id=SOMEBODY, roles=frozenset(Role))}
)
APP = application([one.operation for one in OPERATIONS], authenticator=CALLERS)


async def ask(one: Specified, token: str) -> int:
    """Ask for the operation, with no ids and no body that are any good."""
    path = one.operation.path.replace("{", "").replace("}", "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(APP)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        response = await http.request(one.operation.method, path, headers=headers)
    return response.status_code


@pytest.mark.parametrize("one", [pytest.param(case, id=case.id) for case in OPERATIONS])
async def test_only_the_roles_of_the_specification_get_past_the_door(one: Specified) -> None:
    allowed = set(one.specified["x-roles"])
    if allowed == {"public"}:
        assert await ask(one, "") not in {401, 403}
        assert await ask(one, "forged") not in {401, 403}
        return
    assert await ask(one, "") == 401
    assert await ask(one, "forged") == 401
    assert await ask(one, "no role") == 403
    for role in Role:
        assert (await ask(one, role.value) == 403) == (role.value not in allowed), role
    assert await ask(one, "every role") not in {401, 403}
