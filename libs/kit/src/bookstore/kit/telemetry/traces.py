"""Traces: spans of one request or saga, across services, tied together by W3C Trace Context.

Until `exporting` is entered there is no tracer, and OpenTelemetry is not even imported.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol, TypeAlias

from bookstore.kit.telemetry.settings import TelemetrySettings

Kind: TypeAlias = Literal["server", "client", "internal"]
Facts: TypeAlias = dict[str, str | int]


class Tracing(Protocol):
    """A tracer that is on."""

    def span(self, name: str, kind: Kind, parent: str | None, facts: Facts) -> "_Spanned":
        """Open a span, current until its block ends; one that raises is marked as failed."""
        ...

    def label(self, name: str, facts: Facts, *, failed: bool) -> None:
        """Say more of the current span."""
        ...

    def traceparent(self) -> str | None:
        """Return the current span, as a traceparent."""
        ...

    def close(self) -> None:
        """Send what is not sent yet."""
        ...


class _Spanned(Protocol):
    def __enter__(self) -> object: ...

    def __exit__(self, *_: object) -> bool | None: ...


_on: list[Tracing] = []  # of this process: none, or one


def is_traced() -> bool:
    """Tell whether spans go anywhere: who asks first pays nothing for those that do not."""
    return bool(_on)


@contextmanager
def span(
    name: str, kind: Kind = "internal", *, parent: str | None = None, facts: Facts | None = None
) -> Iterator[None]:
    """Trace the block as a child of `parent` (a traceparent), else of the current span."""
    if not _on:
        yield
        return
    with _on[0].span(name, kind, parent, facts or {}):
        yield


def label(name: str, facts: Facts, *, failed: bool = False) -> None:
    """Name the current span by what it turned out to be."""
    if _on:
        _on[0].label(name, facts, failed=failed)


def traceparent(trace_id: str) -> str:
    """Return the current span as a traceparent; untraced, a new one of this trace.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    current = _on[0].traceparent() if _on else None
    return current or f"00-{trace_id}-{os.urandom(8).hex()}-01"


@contextmanager
def exporting(settings: TelemetrySettings, *, service: str) -> Iterator[None]:
    """Send spans to the collector of the settings, if there is one, until the block ends."""
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    from bookstore.kit.telemetry.otel import Otel  # noqa: PLC0415 — costs 30 MB, only if wanted

    tracing = Otel(settings, service)
    _on.append(tracing)
    try:
        yield
    finally:
        _on.remove(tracing)
        tracing.close()
