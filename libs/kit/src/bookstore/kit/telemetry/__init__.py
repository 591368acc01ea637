"""What is told of a running process: its log, and traces of what it did.

Traces are off, and cost nothing, until OTEL_EXPORTER_OTLP_ENDPOINT says where they go.
"""

from bookstore.kit.telemetry.about import about
from bookstore.kit.telemetry.logs import PROCESS_LOG, log_to_stderr
from bookstore.kit.telemetry.settings import TelemetrySettings
from bookstore.kit.telemetry.traces import (
    Facts,
    Kind,
    exporting,
    is_traced,
    label,
    span,
    traceparent,
)

__all__ = [
    "PROCESS_LOG",
    "Facts",
    "Kind",
    "TelemetrySettings",
    "about",
    "exporting",
    "is_traced",
    "label",
    "log_to_stderr",
    "span",
    "traceparent",
]
