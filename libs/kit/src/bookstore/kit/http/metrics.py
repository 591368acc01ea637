"""Figures for Prometheus: rate, errors and duration of each operation."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.registry import REGISTRY

from bookstore.kit.database.figures import PoolFigures
from bookstore.kit.http.answer import Answer
from bookstore.kit.http.asked import Asked

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)

REGISTRY.register(PoolFigures())


class Metrics:
    """Counts requests; each label's child is looked up once and kept."""

    name = "GET /metrics"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests",
            "Answers, by operation and status.",
            ("operation", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time to answer, by operation.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._counters: dict[tuple[str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Count an answer."""
        try:
            self._counters[operation, status].inc()
        except KeyError:
            counter = self._requests.labels(operation, status)
            self._counters[operation, status] = counter
            counter.inc()
        try:
            self._histograms[operation].observe(seconds)
        except KeyError:
            histogram = self._histograms[operation] = self._seconds.labels(operation)
            histogram.observe(seconds)

    async def __call__(self, _asked: Asked, /) -> Answer:
        """Answer with these figures and with those of the process."""
        body = generate_latest(self._registry) + generate_latest(REGISTRY)
        return Answer(200, body, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])
