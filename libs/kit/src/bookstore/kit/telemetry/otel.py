"""Traces by OpenTelemetry, sent in batches over OTLP; a collector that is away harms nobody."""

from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from bookstore.kit.telemetry.settings import TelemetrySettings
from bookstore.kit.telemetry.traces import Facts, Kind, Tracing

_KINDS: Final[dict[Kind, SpanKind]] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "internal": SpanKind.INTERNAL,
}
_PATIENCE_S: Final = 5
_W3C: Final = TraceContextTextMapPropagator()


class Otel(Tracing):
    """A tracer and its exporter, which works on a thread of its own."""

    def __init__(self, settings: TelemetrySettings, service: str) -> None:
        """Connect later, when there is something to send."""
        self._provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: service}),
            sampler=ParentBased(TraceIdRatioBased(settings.otel_traces_sampler_arg)),
            shutdown_on_exit=False,
        )
        endpoint = settings.otel_exporter_otlp_endpoint
        exporter = OTLPSpanExporter(
            endpoint, insecure=endpoint.startswith("http://"), timeout=_PATIENCE_S
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("bookstore")

    def span(
        self, name: str, kind: Kind, parent: str | None, facts: Facts
    ) -> "trace._agnosticcontextmanager":  # type: ignore[name-defined]  # what it returns
        """Open a span of a trace from elsewhere, or of the current one."""
        context = None if parent is None else _W3C.extract({"traceparent": parent})
        return self._tracer.start_as_current_span(name, context, _KINDS[kind], facts)

    def label(self, name: str, facts: Facts, *, failed: bool) -> None:
        """Say more of the current span."""
        current = trace.get_current_span()
        current.update_name(name)
        current.set_attributes(facts)
        if failed:
            current.set_status(StatusCode.ERROR)

    def traceparent(self) -> str | None:
        """Return the current span, if there is one."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent")

    def close(self) -> None:
        """Send what is left, and hang up."""
        self._provider.shutdown()
