"""What /metrics says of sagas."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import UnavailableError
from bookstore.saga.metrics import SagaMetrics
from bookstore.saga.ports import State, Status

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> SagaMetrics:
    return SagaMetrics(registry)


def test_ends_are_counted_by_saga_and_state(
    metrics: SagaMetrics, registry: CollectorRegistry
) -> None:
    for state in (State.COMPLETED, State.COMPLETED, State.STUCK):
        metrics.came_to("place_order", state)

    def count(state: str) -> float | None:
        return registry.get_sample_value(
            "sagas_ended_total", {"saga": "place_order", "state": state}
        )

    assert (count("completed"), count("stuck"), count("compensated")) == (2, 1, None)


def test_attempts_are_timed_by_step_and_status(
    metrics: SagaMetrics, registry: CollectorRegistry
) -> None:
    for seconds in (0.25, 0.5):
        metrics.attempted("place_order", "make_payment", "do", Status.DONE, seconds)
    metrics.attempted("place_order", "make_payment", "do", Status.REJECTED, 4)

    step = {"saga": "place_order", "step": "make_payment", "kind": "do"}
    name = "saga_attempt_duration_seconds"
    assert registry.get_sample_value(f"{name}_count", {**step, "status": "done"}) == 2
    assert registry.get_sample_value(f"{name}_sum", {**step, "status": "done"}) == 0.75
    assert registry.get_sample_value(f"{name}_sum", {**step, "status": "rejected"}) == 4


async def test_what_is_open_is_shown_and_gone_once_it_has_ended(
    metrics: SagaMetrics, registry: CollectorRegistry
) -> None:
    clock = FakeClock(NOW)
    stuck = {State.STUCK: (3, NOW - timedelta(hours=1))}
    seen: list[tuple[float | None, float | None]] = []

    for figures in (stuck, {}):

        async def look(
            figures: Mapping[State, tuple[int, datetime]] = figures,
        ) -> Mapping[State, tuple[int, datetime]]:
            return figures

        looking = asyncio.create_task(metrics.keep_looking(look, clock))
        await asyncio.sleep(0)
        looking.cancel()
        seen.append(
            (
                registry.get_sample_value("sagas_open", {"state": "stuck"}),
                registry.get_sample_value("saga_oldest_age_seconds", {"state": "stuck"}),
            )
        )

    assert seen == [(3, 3600), (0, 0)]
    assert registry.get_sample_value("sagas_open", {"state": "running"}) == 0


async def test_what_waits_for_workers_is_counted_and_nothing_is_said_of_it_while_nobody_knows(
    metrics: SagaMetrics, registry: CollectorRegistry
) -> None:
    async def some() -> Mapping[str, int]:
        return {"order.place": 4}

    async def away() -> Mapping[str, int]:
        raise UnavailableError("the workflow server cannot be reached")

    seen = []
    for queues in (some, away):
        counting = asyncio.create_task(metrics.keep_counting(queues))
        await asyncio.sleep(0)
        counting.cancel()
        seen.append(registry.get_sample_value("saga_tasks_queued", {"task": "order.place"}))

    assert seen == [4, None]
