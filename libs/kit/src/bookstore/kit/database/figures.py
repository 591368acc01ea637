"""Figures of the databases' threads for Prometheus, looked up when somebody asks for them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bookstore.kit.database.pool import POOLS, Pool

_LABELS = ("database", "pool")


class PoolFigures(Collector):
    """How many threads there are, work, and are waited for: by database, and what they do."""

    def __init__(self, pools: Iterable[Pool] = POOLS) -> None:
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        pools = list(self._pools)
        yield _gauge("threads", "Threads there are.", _sums(pools, lambda pool: len(pool.busy)))
        yield _gauge(
            "threads_in_use", "Threads that are at work.", _sums(pools, lambda pool: pool.in_use)
        )
        yield _gauge(
            "units_waiting",
            "Units of work that wait for a thread.",
            _sums(pools, lambda pool: pool.waiting),
        )
        refused = CounterMetricFamily(
            "database_units_refused", "Units that no thread took in time.", labels=_LABELS
        )
        for labels, value in _sums(pools, lambda pool: pool.refused).items():
            refused.add_metric(labels, value)
        yield refused


def _gauge(name: str, means: str, values: Mapping[tuple[str, str], int]) -> Metric:
    gauge = GaugeMetricFamily(f"database_{name}", means, labels=_LABELS)
    for labels, value in values.items():
        gauge.add_metric(labels, value)
    return gauge


def _sums(pools: list[Pool], figure: Callable[[Pool], int]) -> Mapping[tuple[str, str], int]:
    """Add up those of one name: databases in memory have no other."""
    sums: Counter[tuple[str, str]] = Counter()
    for pool in pools:
        sums[pool.database, pool.name] += figure(pool)
    return sums
