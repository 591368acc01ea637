"""What an operation asks of other services is asked for whoever asked it."""

from dataclasses import replace
from uuid import UUID

import pytest

from bookstore.kit.caller import Caller, current_caller
from bookstore.kit.deadline import time_left
from bookstore.kit.http import application
from libs.kit.tests.http.shop import ADA, CALLERS, Shop, client, operations


class CuriousShop(Shop):
    """Looks who is asking, where a call to a neighbour would."""

    async def get_order(self, _caller: Caller, _order_id: UUID) -> dict[str, str]:
        self.asked = [current_caller.get()]
        return {}


async def test_the_caller_and_the_trace_are_known_to_whoever_is_asked_in_turn() -> None:
    shop = CuriousShop()
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "authorization": "Bearer ada",
        "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
    }

    async with client(application(operations(shop), authenticator=CALLERS)) as http:
        answer = await http.get(f"/orders/{UUID(int=7)}", headers=headers)

    (asker,) = shop.asked
    assert answer.status_code == 200
    assert isinstance(asker, Caller)
    assert replace(asker, address="") == replace(ADA, trace_id=trace_id)


@pytest.mark.parametrize(
    ("said", "left"), [("1500", 1.5), ("0", 0), (None, 60), ("soon", 60), ("-1", 60)]
)
async def test_what_is_asked_in_turn_has_the_time_that_the_edge_gives(
    said: str | None, left: float
) -> None:
    class HurriedShop(Shop):
        async def get_order(self, _caller: Caller, _order_id: UUID) -> dict[str, str]:
            self.asked = [time_left(60)]
            return {}

    shop = HurriedShop()
    headers = {"authorization": "Bearer ada"}
    if said is not None:
        headers["x-envoy-expected-rq-timeout-ms"] = said

    async with client(application(operations(shop), authenticator=CALLERS)) as http:
        await http.get(f"/orders/{UUID(int=7)}", headers=headers)

    (seen,) = shop.asked
    assert isinstance(seen, float | int)
    assert left - 1 < seen <= left
