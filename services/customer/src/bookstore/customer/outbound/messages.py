"""What the neighbours' messages have in common: pages, instants and money."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.common.v1 import money_pb2
from bookstore.contracts.proto.common.v1.page_pb2 import (
    SORT_ORDER_ASC,
    SORT_ORDER_DESC,
    PageRequest,
    TimeRange,
)
from bookstore.customer.application.ports import Slice
from bookstore.kit.money import Money


def page_request(part: Slice) -> PageRequest:
    """Ask for a part of a list."""
    return PageRequest(
        sort=part.sort,
        order=SORT_ORDER_DESC if part.descending else SORT_ORDER_ASC,
        limit=part.limit,
        offset=part.offset,
        cursor=part.cursor or "",
    )


def time_range(since: datetime | None, until: datetime | None) -> TimeRange | None:
    """Ask for what was created in between, if there is anything to ask."""
    if since is None and until is None:
        return None
    range_ = TimeRange()
    if since is not None:
        range_.since.FromDatetime(since)
    if until is not None:
        range_.until.FromDatetime(until)
    return range_


def instant(stamp: Timestamp) -> datetime:
    """Read an instant."""
    return stamp.ToDatetime(tzinfo=UTC)


def money(message: money_pb2.Money) -> Money:
    """Read an amount of money."""
    return Money(message.amount, message.currency)
