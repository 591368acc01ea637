"""Figures for Prometheus: rate, errors and duration of each gRPC method that is served.

They are in the process's registry, which /metrics shows beside the figures of requests.
"""

from typing import Final

from grpc import StatusCode
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class RpcMetrics:
    """Counts answers, by the method as its trace names it; a label's child is kept."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._calls = Counter(
            "rpc_requests",
            "Answers to neighbours, by method and gRPC status.",
            ("method", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "rpc_request_duration_seconds",
            "Time to answer a neighbour, by method.",
            ("method",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._counters: dict[tuple[str, StatusCode], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, method: str, status: StatusCode, seconds: float) -> None:
        """Count an answer."""
        try:
            counter = self._counters[method, status]
        except KeyError:
            counter = self._counters[method, status] = self._calls.labels(method, status.name)
        counter.inc()
        try:
            histogram = self._histograms[method]
        except KeyError:
            histogram = self._histograms[method] = self._seconds.labels(method)
        histogram.observe(seconds)


METRICS: Final = RpcMetrics()  # of this process, like the registry that it is in
