"""Thirty buyers at once want the last copies, at a store of two processes per service.

`DISTRIBUTED=bounded` is one round, as in CI; otherwise there are three.
"""

import asyncio
import os
from contextlib import AsyncExitStack

import pytest
from tests.harness.distributed import Distributed
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import Shopping, until_over

BUYERS = 30
ROUNDS = 1 if os.environ.get("DISTRIBUTED") == "bounded" else 3


@pytest.mark.parametrize("copies", [5, 1])
async def test_exactly_as_many_are_sold_as_there_are(
    store: Distributed, staff: Staff, copies: int
) -> None:
    async with AsyncExitStack() as stack:
        buyers = [await stack.enter_async_context(Buyer(store.url)) for _ in range(BUYERS)]
        for _ in range(ROUNDS):
            book, shopping = await staff.shelve(copies), Shopping()

            answers = await asyncio.gather(
                *(shopping.buy(buyer, book, f"race-{book}-{buyer.email}") for buyer in buyers)
            )
            orders = await asyncio.gather(
                *(
                    until_over(buyer, answer.headers["location"])
                    for buyer, answer in zip(buyers, answers, strict=True)
                )
            )

            ends = [(order["status"], order["reason"]) for order in orders]
            assert ends.count(("confirmed", None)) == copies
            assert ends.count(("cancelled", "out-of-stock")) == BUYERS - copies
            assert shopping.unavailable == 0
            assert await staff.figures(book) == (copies, copies)
            paid = [await staff.payments(order["id"]) for order in orders]
            states = sorted(payment["status"] for (payment,) in paid)
            assert states == ["captured"] * copies + ["voided"] * (BUYERS - copies)
