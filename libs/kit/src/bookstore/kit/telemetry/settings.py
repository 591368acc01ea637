"""What an operator may say about the log and the traces."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from bookstore.kit.settings import Settings


class TelemetrySettings(Settings, frozen=True, kw_only=True):
    """How the log looks, and to which collector traces go (OTLP over gRPC); none: they are off.

    The names are OpenTelemetry's: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    """

    log_format: Literal["text", "json"] = "text"
    otel_exporter_otlp_endpoint: str = ""
    otel_traces_sampler_arg: float = 1.0

    def problems(self) -> Iterator[str]:
        url = urlsplit(self.otel_exporter_otlp_endpoint)
        if self.otel_exporter_otlp_endpoint and (
            url.scheme not in {"http", "https"} or not url.netloc
        ):
            yield "OTEL_EXPORTER_OTLP_ENDPOINT: takes an address such as http://collector:4317"
        if not 0 <= self.otel_traces_sampler_arg <= 1:
            yield "OTEL_TRACES_SAMPLER_ARG: takes a share between 0 and 1"
