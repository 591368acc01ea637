"""Figures of the sagas for Prometheus: how they end, what steps take, what is open, what waits.

They are in the process's registry, which /metrics shows beside the figures of requests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.saga.observer import Observer
from bookstore.saga.ports import GOING, State, Status
from bookstore.saga.task import Kind

Figures: TypeAlias = Callable[[], Awaitable[Mapping[State, tuple[int, datetime]]]]
Queues: TypeAlias = Callable[[], Awaitable[Mapping[str, int]]]

LOOK_AGAIN_S: Final = 2.0
COUNT_AGAIN_S: Final = 5.0
OPEN: Final = (*sorted(GOING), State.STUCK)
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 60)


class SagaMetrics(Observer):
    """Counts what an engine tells; each label's child is looked up once and kept."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._ended = Counter(
            "sagas_ended",
            "Sagas that came to an end, or got stuck.",
            ("saga", "state"),
            registry=registry,
        )
        self._seconds = Histogram(
            "saga_attempt_duration_seconds",
            "Time of an attempt at a step, by how it ended.",
            ("saga", "step", "kind", "status"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._open = Gauge(
            "sagas_open",
            "Sagas that have not ended, by state.",
            ("state",),
            registry=registry,
        )
        self._age = Gauge(
            "saga_oldest_age_seconds",
            "Age of the oldest saga that has not ended, by state; 0 if there is none.",
            ("state",),
            registry=registry,
        )
        self._queued = Gauge(
            "saga_tasks_queued",
            "Tasks that wait for a worker on Conductor, by their kind.",
            ("task",),
            registry=registry,
        )
        self._counters: dict[tuple[str, State], Counter] = {}
        self._histograms: dict[tuple[str, str, Kind, Status], Histogram] = {}

    def attempted(self, saga: str, step: str, kind: Kind, status: Status, seconds: float) -> None:
        try:
            self._histograms[saga, step, kind, status].observe(seconds)
        except KeyError:
            histogram = self._seconds.labels(saga, step, kind, status.value)
            self._histograms[saga, step, kind, status] = histogram
            histogram.observe(seconds)

    def came_to(self, saga: str, state: State) -> None:
        try:
            self._counters[saga, state].inc()
        except KeyError:
            counter = self._counters[saga, state] = self._ended.labels(saga, state.value)
            counter.inc()

    async def keep_looking(self, figures: Figures, clock: Clock) -> None:
        """Look at what is open every few seconds, until cancelled."""
        while True:
            self._show(await figures(), clock.now())
            await asyncio.sleep(LOOK_AGAIN_S)

    async def keep_counting(self, queues: Queues) -> None:
        """Count what waits for workers every few seconds, until cancelled."""
        while True:
            try:
                queued = await queues()
            except UnavailableError:  # what it was is no news, what it is nobody knows
                self._queued.clear()
            else:
                for task, number in queued.items():
                    self._queued.labels(task).set(number)
            await asyncio.sleep(COUNT_AGAIN_S)

    def _show(self, figures: Mapping[State, tuple[int, datetime]], now: datetime) -> None:
        for state in OPEN:
            count, since = figures.get(state, (0, now))
            self._open.labels(state.value).set(count)
            self._age.labels(state.value).set(max((now - since).total_seconds(), 0))
