"""What neighbours asked is counted and timed, by method and by what became of it."""

from functools import partial

import pytest
from prometheus_client import REGISTRY

from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import (
    StockServiceServicer,
    StockServiceStub,
    add_StockServiceServicer_to_server,
)
from bookstore.kit.errors import BookstoreError, NeighbourFailedError, NotFoundError
from bookstore.kit.rpc import open_channel, open_server
from libs.kit.tests.rpc.trust import check, token

METHOD = "stock.v1.StockService/FindStock"


class Shelf(StockServiceServicer):
    """Has stock 7, and falls over stock 13."""

    async def FindStock(
        self, request: pb.FindStockRequest, _context: object
    ) -> pb.FindStockResponse:
        if request.id == 13:
            raise RuntimeError("it fell over")
        if request.id != 7:
            raise NotFoundError("there is no such stock")
        return pb.FindStockResponse(stock=pb.Stock(id=7))


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"method": METHOD, **labels}) or 0


@pytest.mark.parametrize(
    ("stock", "status", "error"),
    [(7, "OK", None), (8, "NOT_FOUND", NotFoundError), (13, "INTERNAL", NeighbourFailedError)],
)
async def test_an_answer_is_counted_and_timed(
    stock: int, status: str, error: type[BookstoreError] | None
) -> None:
    counted = figure("rpc_requests_total", status=status)
    timed = figure("rpc_request_duration_seconds_count")
    register = partial(add_StockServiceServicer_to_server, Shelf())  # type: ignore[abstract]  # nobody asks for more

    async with (
        open_server([register], "127.0.0.1:0", check=check, grace=0) as server,
        open_channel(server.address, token=token) as channel,
    ):
        try:
            await StockServiceStub(channel).FindStock(pb.FindStockRequest(id=stock))
        except BookstoreError as failed:
            assert type(failed) is error  # noqa: PT017 — it has to be none, too

    assert figure("rpc_requests_total", status=status) == counted + 1
    assert figure("rpc_request_duration_seconds_count") == timed + 1
