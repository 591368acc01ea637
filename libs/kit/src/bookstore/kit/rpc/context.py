"""What travels beside a message: who asks, in which trace, and which service vouches for it."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

import msgspec

from bookstore.kit.caller import NOBODY, Caller, current_caller
from bookstore.kit.telemetry import traceparent

Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]

ServiceToken: TypeAlias = Callable[[], Awaitable[str]]
"""Returns the calling service's own access token, renewed when need be."""

TokenCheck: TypeAlias = Callable[[str], Awaitable[object]]
"""Verifies another service's token; raises a BookstoreError if it is not one."""

CALLER = "x-caller-bin"
TRACE = "traceparent"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Caller).decode


def outgoing() -> Metadata:
    """Say for whom the current task works, as metadata of a call.

    The trace is W3C Trace Context: https://www.w3.org/TR/trace-context/#traceparent-header
    """
    caller = current_caller.get()
    if caller is NOBODY:
        return ()
    who: Metadata = ((CALLER, _encode(caller)),)
    if not caller.trace_id:
        return who
    return (*who, (TRACE, traceparent(caller.trace_id)))


def trace_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> str | None:
    """Return the traceparent that came along, if it is one."""
    given = str(dict(metadata or ()).get(TRACE, ""))
    return given if _TRACEPARENT.fullmatch(given) else None


def incoming(metadata: Iterable[tuple[str, str | bytes]] | None) -> Caller:
    """Read for whom a call is made; nobody, if it does not say or does not make sense."""
    said: Mapping[str, str | bytes] = dict(metadata or ())
    try:
        caller = _decode(said[CALLER])
    except (KeyError, msgspec.MsgspecError):
        caller = NOBODY
    trace = _TRACEPARENT.fullmatch(str(said.get(TRACE, "")))
    return replace(caller, trace_id=trace[1]) if trace else caller
