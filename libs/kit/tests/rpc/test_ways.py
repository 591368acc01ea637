"""A neighbour at several addresses: each in turn, and none that is away or about to go."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import pytest
from grpc import aio
from tools.servers.ports import free_address

from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import (
    StockServiceServicer,
    StockServiceStub,
    add_StockServiceServicer_to_server,
)
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import RpcServer, are_addresses, open_channel, open_server, ways
from libs.kit.tests.rpc.trust import check, token

PATIENCE_S = 10


class Shelf(StockServiceServicer):
    """Tells which of the servers it is, once it is let."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.let.set()

    async def FindStock(
        self, _request: pb.FindStockRequest, _context: object
    ) -> pb.FindStockResponse:
        self.begun.set()
        await self.let.wait()
        return pb.FindStockResponse(stock=pb.Stock(id=self.number))

    async def StockBooks(
        self, _request: pb.StockBooksRequest, _context: object
    ) -> pb.StockBooksResponse:
        return pb.StockBooksResponse(stocked_book_ids=[self.number])


@asynccontextmanager
async def shelf(
    number: int, address: str = "127.0.0.1:0"
) -> AsyncIterator[tuple[Shelf, RpcServer]]:
    service = Shelf(number)  # type: ignore[abstract]  # nobody asks the rest
    register = partial(add_StockServiceServicer_to_server, service)
    async with open_server([register], address, check=check, grace=PATIENCE_S) as server:
        yield service, server


async def found(channel: aio.Channel) -> int:
    return (await StockServiceStub(channel).FindStock(pb.FindStockRequest())).stock.id


async def stocked(channel: aio.Channel) -> int:
    return (await StockServiceStub(channel).StockBooks(pb.StockBooksRequest())).stocked_book_ids[0]


async def until_answered_by(channel: aio.Channel, *numbers: int) -> None:
    """Ask until all of these have answered, and no other does."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if {await found(channel) for _ in range(2 * len(numbers))} == set(numbers):
                return
            await asyncio.sleep(0.02)


async def forever(channel: aio.Channel) -> None:
    """Ask until it fails."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await found(channel)


async def test_each_address_has_its_turn() -> None:
    async with (
        shelf(1) as (_, one),
        shelf(2) as (_, two),
        open_channel(f"{one.address}, {two.address}", token=token) as channel,
    ):
        await until_answered_by(channel, 1, 2)

        assert Counter([await found(channel) for _ in range(20)]) == {1: 10, 2: 10}


async def test_an_address_that_is_away_costs_no_call_and_is_taken_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ways, "REST_S", 0.1)
    async with AsyncExitStack() as stack:
        _, one = await stack.enter_async_context(shelf(1))
        async with shelf(2) as (_, two):
            where = f"{one.address},{two.address}"
            channel = await stack.enter_async_context(open_channel(where, token=token))
            await until_answered_by(channel, 1, 2)
        for _ in range(10):
            assert (await found(channel), await stocked(channel)) == (1, 1)
        await stack.enter_async_context(shelf(3, two.address))
        await until_answered_by(channel, 1, 3)


async def test_an_address_that_was_never_there_costs_no_read() -> None:
    async with (
        shelf(1) as (_, one),
        open_channel(f"127.0.0.1:1,{one.address}", token=token) as channel,
    ):
        assert {await found(channel) for _ in range(6)} == {1}


async def test_with_all_addresses_away_a_read_waits_for_one_to_be_back_and_a_write_fails() -> None:
    nowhere = [free_address() for _ in range(2)]
    async with open_channel(",".join(nowhere), timeout=PATIENCE_S, token=token) as channel:
        with pytest.raises(UnavailableError, match="StockService cannot be reached"):
            await stocked(channel)
        reading = asyncio.ensure_future(found(channel))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(reading), 0.3)
        async with shelf(1, nowhere[1]):
            assert await reading == 1


async def test_with_all_addresses_away_a_read_fails_in_time() -> None:
    async with open_channel("127.0.0.1:1,127.0.0.1:2", timeout=0.3, token=token) as channel:
        with pytest.raises(UnavailableError, match="StockService cannot be reached"):
            await found(channel)


async def test_who_is_about_to_stop_finishes_and_gets_no_new_calls() -> None:
    async with (
        shelf(1) as (first, one),
        shelf(2) as (_, two),
        open_channel(f"{one.address},{two.address}", token=token) as channel,
    ):
        await until_answered_by(channel, 1, 2)
        first.begun.clear()
        first.let.clear()
        under_way = [asyncio.ensure_future(found(channel)) for _ in range(2)]
        await first.begun.wait()
        one.drain()
        async with asyncio.timeout(PATIENCE_S):
            while 1 in {await stocked(channel) for _ in range(4)}:
                pass
        one.refuse()
        meanwhile = {(await found(channel), await stocked(channel)) for _ in range(10)}
        first.let.set()

        assert meanwhile == {(2, 2)}
        assert {await call for call in under_way} == {1, 2}


async def test_behind_a_proxy_nobodys_health_is_watched() -> None:
    async with (
        shelf(1) as (_, one),
        open_channel(one.address, token=token) as watching,
        open_channel(one.address, token=token, watched=False) as channel,
    ):
        assert await found(watching) == await found(channel) == 1
        one.drain()
        with pytest.raises(UnavailableError):
            await forever(watching)

        assert await found(channel) == 1


async def test_no_call_fails_as_one_stops() -> None:
    async with AsyncExitStack() as stack:
        _, one = await stack.enter_async_context(shelf(1))
        _, two = await stack.enter_async_context(shelf(2))
        opening = open_channel(f"{one.address},{two.address}", token=token)
        channel = await stack.enter_async_context(opening)
        await until_answered_by(channel, 1, 2)
        stopped = asyncio.Event()

        async def go_on() -> None:
            while not stopped.is_set():
                await found(channel)
                await stocked(channel)

        async with asyncio.TaskGroup() as clients:
            for _ in range(8):
                clients.create_task(go_on())
            await two.close()
            stopped.set()


class Names(asyncio.DatagramProtocol):
    """A name server that knows the IPv4 addresses of one name, whatever it is."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # that is what it is
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer as RFC 1035 has it, section 4.1: only questions of type A have an answer."""
        end = data.index(b"\0", 12) + 5
        (kind,) = struct.unpack("!H", data[end - 4 : end - 2])
        known = self.addresses if kind == 1 else ()
        answers = [
            struct.pack("!HHHIH4s", 0xC00C, 1, 1, 1, 4, socket.inet_aton(address))
            for address in known
        ]
        header = data[:2] + struct.pack("!HHHHH", 0x8580, 1, len(answers), 0, 0)
        self.transport.sendto(header + data[12:end] + b"".join(answers), addr)


async def test_all_addresses_that_a_name_has_count_as_they_come_and_go() -> None:
    loop = asyncio.get_running_loop()
    transport, names = await loop.create_datagram_endpoint(
        lambda: Names("127.0.0.1", "127.0.0.2"), local_addr=("127.0.0.1", 0)
    )
    name_server = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    async with AsyncExitStack() as stack:
        _, one = await stack.enter_async_context(shelf(1))
        port = one.address.rpartition(":")[2]
        where = f"dns://{name_server}/shelf.example:{port}"
        async with shelf(2, f"127.0.0.2:{port}"):
            channel = await stack.enter_async_context(open_channel(where, token=token))
            await until_answered_by(channel, 1, 2)
            names.addresses = ("127.0.0.1", "127.0.0.3")
            await stack.enter_async_context(shelf(3, f"127.0.0.3:{port}"))
        for _ in range(10):
            assert await found(channel) in {1, 3}
        await until_answered_by(channel, 1, 3)
    transport.close()


class Wire:
    """Passes bytes on between callers and a server, until it is cut without a word."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.partition(":")
        self._port = int(port)
        self.is_cut = False
        self._passing: set[asyncio.Task[None]] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._host, self._port)
        for source, sink in ((reader, forth), (back, writer)):
            self._passing.add(asyncio.create_task(self._pass(source, sink)))

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(1 << 16):
                if not self.is_cut:
                    sink.write(data)
        sink.close()

    async def end(self) -> None:
        """Wait until both sides have hung up."""
        await asyncio.gather(*self._passing)


async def test_a_connection_that_went_dead_without_a_word_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = {"grpc.keepalive_time_ms": 200, "grpc.http2.ping_timeout_ms": 200}
    monkeypatch.setattr(ways, "OPTIONS", tuple((dict(ways.OPTIONS) | quick).items()))
    async with shelf(1) as (_, one):
        wire = Wire(one.address)
        async with await asyncio.start_server(wire, "127.0.0.1", 0) as proxy:
            where = f"127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
            async with open_channel(where, timeout=PATIENCE_S, token=token) as channel:
                assert await found(channel) == 1
                wire.is_cut = True
                with pytest.raises(UnavailableError, match="cannot be reached"):
                    await stocked(channel)
    await wire.end()


@pytest.mark.parametrize(
    "where",
    [
        *("catalog:9080", "127.0.0.1:9080", "[::1]:9080", "a:1, b:2"),
        *("dns:///catalog:9080", "dns://10.0.0.10:53/catalog:9080,b:1"),
    ],
)
def test_where_a_neighbour_may_be(where: str) -> None:
    assert are_addresses(where)


@pytest.mark.parametrize(
    "where", ["", ",", "catalog", "catalog:", ":9080", "a:1 b:2", "a:1,b", "a:65536", "http://a:1"]
)
def test_where_nobody_can_be(where: str) -> None:
    assert not are_addresses(where)
