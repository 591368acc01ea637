"""Pages of a list that cannot be, whichever list is asked for them over gRPC, and their codes."""

from bookstore.contracts.proto.common.v1.page_pb2 import PageRequest

IMPOSSIBLE_PAGES: dict[str, tuple[PageRequest, str]] = {
    "too-small": (PageRequest(limit=-1), "page-invalid"),
    "too-large": (PageRequest(limit=101), "page-invalid"),
    "before-the-first": (PageRequest(offset=-5), "page-invalid"),
    "beyond-the-last": (PageRequest(offset=1_000_001), "page-invalid"),
    "no-such-sort": (PageRequest(sort="colour"), "page-invalid"),
    "no-such-order": (PageRequest(order=7), "page-invalid"),  # type: ignore[arg-type]  # that is the point
    "no-such-cursor": (PageRequest(cursor="junk"), "cursor-invalid"),
    "two-beginnings": (PageRequest(cursor="junk", offset=1), "cursor-with-offset"),
}
