"""What the kit refuses by itself, each operation says that it may be refused with."""

from uuid import UUID

import httpx
import pytest

from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.http import application
from libs.contracts.tests.specs import Specified, operations

OPERATIONS = [pytest.param(one, id=one.id) for one in operations()]
ANYBODY = KnownCallers(
    {
        "all": Caller(id=UUID(int=1), roles=frozenset(Role)),
        "none": Caller(id=UUID(int=2), roles=frozenset()),
    }
)
TOKEN = {"authorization": "Bearer all"}
TEXT = "text/plain"


@pytest.mark.parametrize("one", OPERATIONS)
async def test_an_operation_lists_every_refusal_of_the_kit(one: Specified) -> None:
    path = one.operation.path
    for name in ("{id}", "{order_id}", "{payment_id}", "{refund_id}"):
        path = path.replace(name, "1" if int in one.operation.ids else str(UUID(int=1)))
    typed = {**TOKEN, "content-type": one.operation.content_type}
    asked = [
        (f"{path}?x=1", TOKEN, b""),
        (f"{path}?limit=no", TOKEN, b""),
        (f"{path}?%ff", TOKEN, b""),
        (f"{path}?x=1", typed, b"{}"),
        (f"{path}?%ff", typed, b"{}"),
        (path, {}, b""),
        (path, {"authorization": "Bearer none"}, b""),
        (path, {**TOKEN, "content-type": TEXT}, b"?"),
        (path, typed, b""),
        (path, typed, b"{"),
        (path, typed, b"{}"),
        (path, typed | {"content-length": "999999999"}, b""),
        (path, TOKEN | {"idempotency-key": "\t \t", "if-match": "x" * 1001}, b""),
    ]
    if one.operation.ids:
        asked.append((one.operation.path.replace("{", "(").replace("}", ")"), typed, b"{}"))
    app = application([one.operation], authenticator=ANYBODY)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        for address, headers, content in asked:
            answer = await client.request(
                one.operation.method, address, headers=headers, content=content
            )
            seen = str(answer.status_code)
            assert seen in one.specified["responses"], (address, headers, content, answer.text)
