"""Time runs out along the way: whoever is asked has no more of it than who asked has left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import pytest
from grpc import aio

from bookstore.contracts.proto.category.v1 import category_pb2 as pb
from bookstore.contracts.proto.category.v1.category_pb2_grpc import (
    CategoryServiceServicer,
    CategoryServiceStub,
    add_CategoryServiceServicer_to_server,
)
from bookstore.kit.deadline import time_left, within
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import Loopback, open_channel, open_server
from libs.kit.tests.rpc.trust import check, token

ASKED = pb.FindAllCategoriesRequest()
LONG = 60.0


class Link(CategoryServiceServicer):
    """Takes a moment, then asks the next link; the last one takes for ever."""

    def __init__(self, following: aio.Channel | None) -> None:
        self.following = following
        self.left: list[float] = []
        self.stopped = asyncio.Event()

    async def FindAllCategories(
        self, _request: pb.FindAllCategoriesRequest, _context: object
    ) -> pb.FindAllCategoriesResponse:
        self.left.append(time_left(LONG))
        try:
            if self.following is None:
                await asyncio.sleep(LONG)
                raise AssertionError("nobody stopped it")
            await asyncio.sleep(0.05)
            return await CategoryServiceStub(self.following).FindAllCategories(ASKED, timeout=LONG)
        except asyncio.CancelledError:
            self.stopped.set()
            raise


@pytest.fixture(params=["network", "loopback"])
async def chain(request: pytest.FixtureRequest) -> AsyncIterator[tuple[aio.Channel, Link, Link]]:
    """Yield the way to the first link, and both."""
    last = Link(None)
    async with AsyncExitStack() as stack:

        async def served(link: Link) -> aio.Channel:
            register = partial(add_CategoryServiceServicer_to_server, link)
            if request.param == "loopback":
                loopback = Loopback(timeout=LONG)
                register(loopback.server)
                return loopback.channel
            opening = open_server([register], "127.0.0.1:0", check=check, grace=0)
            server = await stack.enter_async_context(opening)
            channel = open_channel(server.address, timeout=LONG, token=token)
            return await stack.enter_async_context(channel)

        first = Link(await served(last))
        yield await served(first), first, last


async def test_what_is_left_shrinks_from_call_to_call_and_ends_them_all(
    chain: tuple[aio.Channel, Link, Link],
) -> None:
    channel, first, last = chain

    with within(0.4), pytest.raises(UnavailableError, match="did not answer in time"):
        await CategoryServiceStub(channel).FindAllCategories(ASKED)

    async with asyncio.timeout(5):
        await last.stopped.wait()
        await first.stopped.wait()
    assert len(first.left) == len(last.left) == 1
    assert 0 < last.left[0] <= first.left[0] - 0.05 <= 0.35
    assert time_left(LONG) == LONG


async def test_who_has_no_time_left_does_not_even_ask(
    chain: tuple[aio.Channel, Link, Link],
) -> None:
    channel, first, _ = chain

    with within(0), pytest.raises(UnavailableError, match="did not answer in time"):
        await CategoryServiceStub(channel).FindAllCategories(ASKED)

    assert first.left == []


def test_nobody_gets_more_time_than_there_was() -> None:
    with within(5), within(60):
        assert time_left(LONG) <= 5
        assert time_left(1) == 1
