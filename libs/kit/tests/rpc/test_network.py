"""What only a network has: nobody there, other servers' manners, tokens and health."""

import asyncio
from functools import partial
from socket import socket
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import (
    StockServiceServicer,
    StockServiceStub,
    add_StockServiceServicer_to_server,
)
from bookstore.kit.caller import Caller, Role, current_caller
from bookstore.kit.errors import ForbiddenError, UnavailableError
from bookstore.kit.rpc import Register, may_repeat, open_channel, open_server
from bookstore.kit.rpc.context import incoming, outgoing
from bookstore.kit.server import Address, PortInUseError
from libs.kit.tests.rpc.trust import check, token

Context = grpc.aio.ServicerContext[Any, Any]


class Flaky(StockServiceServicer):
    """Is not there for the first calls: what a server says that is about to go away."""

    def __init__(self, absences: int, said: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> None:
        self.absences = absences
        self.said = said
        self.calls = 0

    async def _come_or_go(self, context: Context) -> None:
        self.calls += 1
        if self.calls <= self.absences:
            await context.abort(self.said, "going away")

    async def FindStock(
        self, request: pb.FindStockRequest, context: Context
    ) -> pb.FindStockResponse:
        await self._come_or_go(context)
        return pb.FindStockResponse(stock=pb.Stock(id=request.id))

    async def StockBooks(
        self, _request: pb.StockBooksRequest, context: Context
    ) -> pb.StockBooksResponse:
        await self._come_or_go(context)
        return pb.StockBooksResponse()

    async def FindAllStocks(
        self, _request: pb.FindAllStocksRequest, _context: object
    ) -> pb.FindAllStocksResponse:
        return pb.FindAllStocksResponse()

    async def FindStockFigures(
        self, _request: pb.FindStockFiguresRequest, _context: object
    ) -> pb.FindStockFiguresResponse:
        return pb.FindStockFiguresResponse()


def registered(service: StockServiceServicer) -> Register:
    return partial(add_StockServiceServicer_to_server, service)


def raw(service: Flaky) -> grpc.aio.Server:
    """A server of gRPC's own, which says UNAVAILABLE without our trailer."""
    server = grpc.aio.server()
    add_StockServiceServicer_to_server(service, server)
    return server


@pytest.mark.parametrize("said", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
async def test_looking_up_is_repeated_when_the_network_fails(said: grpc.StatusCode) -> None:
    service = Flaky(absences=2, said=said)
    server = raw(service)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with open_channel(f"127.0.0.1:{port}") as channel:
        answer = await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=7))
    await server.stop(None)

    assert (answer.stock.id, service.calls) == (7, 3)


async def test_looking_up_is_given_up_after_three_attempts() -> None:
    service = Flaky(absences=99)
    server = raw(service)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with open_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(UnavailableError, match="StockService cannot be reached"):
            await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=7))
    await server.stop(None)

    assert service.calls == 3


async def test_what_changes_something_is_never_repeated() -> None:
    service = Flaky(absences=1)
    server = raw(service)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with open_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(UnavailableError):
            await StockServiceStub(channel).StockBooks(pb.StockBooksRequest())
    await server.stop(None)

    assert service.calls == 1


async def test_nobody_there_is_unavailable() -> None:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        async with open_channel(address, timeout=1) as channel:
            with pytest.raises(UnavailableError):
                await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=1))


async def test_a_server_says_that_it_is_well_and_what_it_serves() -> None:
    async with open_server(
        [registered(Flaky(0))], "127.0.0.1:0", check=check, reflects=True, grace=0
    ) as server:

        def ask() -> tuple[int, list[str]]:
            with grpc.insecure_channel(server.address) as channel:
                request = health_pb2.HealthCheckRequest(service="stock.v1.StockService")
                status = HealthStub(channel).Check(request).status
                names = ProtoReflectionDescriptorDatabase(channel).get_services()
                return status, list(names)

        status, names = await asyncio.to_thread(ask)

    assert status == health_pb2.HealthCheckResponse.SERVING
    assert {"stock.v1.StockService", "grpc.health.v1.Health"} <= set(names)


async def test_nobody_is_told_what_a_server_serves_unless_it_is_meant_to_be_known() -> None:
    async with open_server([registered(Flaky(0))], "127.0.0.1:0", check=check, grace=0) as server:

        def ask() -> None:
            with grpc.insecure_channel(server.address) as channel:
                ProtoReflectionDescriptorDatabase(channel).get_services()

        with pytest.raises(grpc.RpcError) as failure:
            await asyncio.to_thread(ask)

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_server_says_that_it_is_about_to_stop_and_serves_on() -> None:
    whole = health_pb2.HealthCheckRequest(service="")
    async with (
        open_server([registered(Flaky(0))], "127.0.0.1:0", check=check, grace=0) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        before = await HealthStub(channel).Check(whole)
        server.drain()
        after = await HealthStub(channel).Check(whole)
        good = (("authorization", "Bearer good"),)
        found = await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=7), metadata=good)

    assert before.status == health_pb2.HealthCheckResponse.SERVING
    assert after.status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert found.stock.id == 7


async def test_calls_under_way_are_finished_when_the_server_stops() -> None:
    class Slow(Flaky):
        def __init__(self) -> None:
            super().__init__(0)
            self.begun = asyncio.Event()

        async def _come_or_go(self, _context: Context) -> None:
            self.begun.set()
            await asyncio.sleep(0.1)

    service = Slow()
    async with open_server([registered(service)], "127.0.0.1:0", check=check) as server:
        channel = open_channel(server.address, token=token)
        stub = StockServiceStub(channel)
        call = asyncio.ensure_future(stub.FindStock(pb.FindStockRequest(id=7)))
        await service.begun.wait()
    answer = await call
    await channel.close()

    assert answer.stock.id == 7


@pytest.mark.parametrize(("sent", "served"), [("good", True), ("forged", False), (None, False)])
async def test_a_checked_server_wants_a_service_token(sent: str | None, *, served: bool) -> None:
    async def said() -> str:
        return str(sent)

    async with (
        open_server([registered(Flaky(0))], "127.0.0.1:0", check=check, grace=0) as server,
        open_channel(server.address, token=said if sent else None) as channel,
    ):
        call = StockServiceStub(channel).FindStock(pb.FindStockRequest(id=7))
        if served:
            assert (await call).stock.id == 7
        else:
            with pytest.raises(ForbiddenError) as failure:
                await call
            assert failure.value.code == "service-unknown"


async def test_a_server_that_can_check_nobodys_token_is_away_and_does_not_refuse() -> None:
    async def puzzled(_shown: str) -> None:
        raise UnavailableError("the keys cannot be fetched", retry_after=9)

    async with (
        open_server([registered(Flaky(0))], "127.0.0.1:0", check=puzzled, grace=0) as server,
        open_channel(server.address, token=token) as channel,
    ):
        with pytest.raises(UnavailableError) as failure:
            await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=7))

    assert failure.value.retry_after == 9


async def test_methods_that_a_server_does_not_serve_are_not_there() -> None:
    service = Flaky(0)
    async with (
        open_server(
            [registered(service)], "127.0.0.1:0", check=check, serves=may_repeat, grace=0
        ) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        stub = StockServiceStub(channel)
        good = (("authorization", "Bearer good"),)
        assert (await stub.FindStock(pb.FindStockRequest(id=7), metadata=good)).stock.id == 7
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await stub.StockBooks(pb.StockBooksRequest(), metadata=good)

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert service.calls == 1


async def test_a_caller_is_not_believed_without_a_service_that_vouches() -> None:
    staff = Caller(roles=frozenset({Role.MANAGE, Role.SYSTEM}))
    service = Flaky(0)
    async with (
        open_server([registered(service)], "127.0.0.1:0", check=check, grace=0) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        reset = current_caller.set(staff)
        forged = outgoing()
        current_caller.reset(reset)
        for shown in ((), (("authorization", "Bearer forged"),), (("authorization", "good"),)):
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await StockServiceStub(channel).FindStock(
                    pb.FindStockRequest(id=7), metadata=(*forged, *shown)
                )
            assert failure.value.code() is grpc.StatusCode.UNAUTHENTICATED

    assert service.calls == 0


async def test_an_address_in_use_is_said() -> None:
    with Address(port=0).listen() as listener:
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(PortInUseError, match=address):
            async with open_server([], address, check=check):
                pass


def test_the_trace_goes_on_in_the_form_of_w3c() -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    with_trace = Caller(roles=frozenset({Role.SYSTEM}), trace_id=trace_id)
    token = current_caller.set(with_trace)
    sent = dict(outgoing())
    current_caller.reset(token)

    version, trace, span, flags = str(sent["traceparent"]).split("-")
    assert (version, trace, len(span), flags) == ("00", trace_id, 16, "01")
    assert incoming(sent.items()) == with_trace


@pytest.mark.parametrize("said", [b"{", b"null", b'{"roles":["king"]}', b'{"id":"7"}'])
def test_metadata_that_makes_no_sense_is_nobody(said: bytes) -> None:
    assert incoming((("x-caller-bin", said), ("traceparent", "00-xyz"))) == Caller()
