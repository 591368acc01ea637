"""What the engine on Conductor does beyond what every engine does: starting, leases, kicks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bookstore.kit.clock import SystemClock
from bookstore.saga.conductor.engine import ConductorEngine, Pace
from bookstore.saga.conductor.mending import MOST
from bookstore.saga.journal import FencedError, Journal
from bookstore.saga.ports import (
    SagaNotFoundError,
    SagaNotStuckError,
    SagaRequest,
    State,
    Status,
)
from bookstore.saga.store import SqlSagas
from libs.saga.tests.conductor.fake import FakeConductor
from libs.saga.tests.conformance.on_conductor import Deaf, OnConductor, on_conductor, open_hall
from libs.saga.tests.conformance.sagas import CHECKOUT, RETURN
from libs.saga.tests.conformance.shop import Fault
from libs.saga.tests.test_conformance import STEPS, completed, until

PACE = Pace(round=0.01, lease=0.05, kick=0.02)


@pytest.fixture
def server() -> FakeConductor:
    return FakeConductor(second=0.05)


@pytest.fixture
async def case(server: FakeConductor) -> AsyncIterator[OnConductor]:
    async with (
        server.client() as http,
        open_hall(Deaf(http), pace=PACE, task_s=0.5, patience_s=30) as hall,
        on_conductor(hall, "case") as driver,
    ):
        await until(lambda: bool(server.definitions))
        yield driver


def another(case: OnConductor, name: str) -> ConductorEngine:
    """Return an engine as another process has it, over the same database."""
    sagas = case.hall.sagas(case.sagas)
    return ConductorEngine(case.database, sagas, case.hall.conductor, name=name, pace=PACE)


async def test_a_start_whose_answer_is_lost_is_found_and_not_made_again(
    case: OnConductor, server: FakeConductor
) -> None:
    server.lost = 1
    await case.start("s1")

    assert await case.end("s1") == State.COMPLETED
    assert server.lost == 0
    assert len(server.flows) == 1


async def test_of_two_workflows_the_one_that_came_first_is_followed(
    case: OnConductor, server: FakeConductor
) -> None:
    twin = await case.hall.conductor.start(
        "checkout", 1, "case:s1", data={"order_id": "s1"}, traceparent=None
    )
    await until(lambda: "place" in case.shop.happened)
    await case.start("s1")

    assert await case.end("s1") == State.COMPLETED
    assert await completed(case)
    ends = {id_: flow["output"]["outcome"] for id_, flow in server.flows.items()}
    assert ends.pop(twin) == "COMPLETED"
    await until(lambda: all(flow["status"] == "COMPLETED" for flow in server.flows.values()))
    assert await completed(case)


async def test_what_is_asked_for_while_the_server_is_away_is_started_later(
    case: OnConductor, server: FakeConductor
) -> None:
    server.away = True
    await case.restart()
    await case.start("s1")
    await asyncio.sleep(0.05)
    assert not server.flows
    server.away = False

    assert await case.end("s1") == State.COMPLETED


async def test_a_saga_is_looked_after_by_one_process_until_it_is_gone(case: OnConductor) -> None:
    case.shop.script["pay", "do"] = [Fault.LOSE]
    await case.start("s1")
    await until(lambda: "place" in case.shop.happened)
    await case.stop()
    other = another(case, "other")
    running = asyncio.create_task(other.run())

    assert await other.ended("case:s1") == State.COMPLETED
    assert await completed(case)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_two_engines_over_one_database_write_each_event_once(case: OnConductor) -> None:
    other = another(case, "other")
    running = asyncio.create_task(other.run())
    case.shop.script["reserve", "do"] = [Fault.REJECT]
    for saga_id in ("s1", "s2", "s3"):
        await case.start(saga_id)

    for saga_id in ("s1", "s2", "s3"):
        assert await case.end(saga_id) in {State.COMPLETED, State.COMPENSATED}
        lines = (await case.view(saga_id)).timeline
        keys = [(line.step, line.kind, line.attempt) for line in lines]
        assert len(keys) == len(set(keys))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_an_engine_ends_once_an_embedded_one_has_taken_over(case: OnConductor) -> None:
    journal = case.database.transact(lambda session: Journal(session, case.sagas, SystemClock()))
    await journal(lambda desk: desk.take_over())
    await case.start("s1")

    assert case.running is not None
    with pytest.raises(FencedError):
        await case.running


async def test_an_overdue_workflow_is_kicked(case: OnConductor, server: FakeConductor) -> None:
    case.shop.script["place", "do"] = [Fault.LOSE]
    await case.start("s1")
    await until(lambda: bool(case.shop.tasks_seen))
    (flow,) = server.flows.values()
    case.hall.conductor.dead.add(flow["workflowId"])  # its worker will not say anything

    assert await case.end("s1") == State.COMPLETED
    assert flow["workflowId"] in server.kicks


async def test_a_workflow_that_somebody_ended_by_hand_goes_on(
    case: OnConductor, server: FakeConductor
) -> None:
    case.shop.script["pay", "do"] = [Fault.LOSE_ANSWER]
    await case.start("s1")
    await until(lambda: "pay" in case.shop.happened)
    (workflow_id,) = server.flows
    await case.hall.conductor.terminate(workflow_id, "by mistake")

    assert await case.end("s1") == State.COMPLETED
    assert await completed(case)


async def test_staff_move_what_is_stuck_and_nothing_else(case: OnConductor) -> None:
    case.shop.script["capture", "do"] = [Fault.REJECT]
    await case.start("s1")
    await case.start("s2")
    ends = {await case.end("s1"), await case.end("s2")}
    assert ends == {State.STUCK, State.COMPLETED}
    figures = await case.engine.figures()
    assert {state: number for state, (number, _oldest) in figures.items()} == {State.STUCK: 1}

    assert await case.engine.retry_all(by="staff") == 1

    assert {await case.end("s1"), await case.end("s2")} == {State.COMPLETED}
    assert len(await case.shop.effects("s1")) == len(STEPS)
    with pytest.raises(SagaNotStuckError):
        await case.retry("s1")
    with pytest.raises(SagaNotFoundError):
        await case.retry("s3")
    with pytest.raises(SagaNotFoundError):
        await case.end("s3")


async def test_a_workflow_that_broke_after_a_task_that_was_done_goes_on(
    case: OnConductor, server: FakeConductor
) -> None:
    server.breaks_after = "pay"
    await case.start("s1")

    assert await case.end("s1") == State.COMPLETED
    assert await completed(case)
    assert len(server.mended) == 1


async def test_a_workflow_that_is_mended_in_vain_is_left_to_people(
    case: OnConductor, server: FakeConductor
) -> None:
    server.breaks_after, server.is_mending = "pay", False
    await case.start("s1")

    assert await case.end("s1") == State.STUCK
    assert len(server.mended) == MOST
    last = (await case.view("s1")).timeline[-1]
    assert (last.step, last.status, last.error) == ("mark", Status.FAILED, "workflow-broken")

    server.is_mending = True
    await case.retry("s1")

    assert await case.end("s1") == State.COMPLETED
    assert await completed(case)
    lines = [line.status for line in (await case.view("s1")).timeline if line.step == "mark"]
    assert lines[:2] == [Status.FAILED, Status.RETRIED]
    assert lines[-1] == Status.DONE


async def test_a_workflow_that_is_gone_is_left_to_people(
    case: OnConductor, server: FakeConductor, caplog: pytest.LogCaptureFixture
) -> None:
    case.shop.script["place", "do"] = [Fault.LOSE]
    await case.start("gone")
    await until(lambda: bool(case.shop.tasks_seen))
    server.flows.clear()
    await case.start("s1")

    assert await case.end("s1") == State.COMPLETED
    assert await case.end("gone") == State.STUCK
    assert (await case.view("gone")).timeline[-1].error == "workflow-gone"
    assert "the workflow server knows no workflow" in caplog.text


async def test_what_waits_for_workers_is_told(case: OnConductor, server: FakeConductor) -> None:
    assert await case.engine.queued() == dict.fromkeys(CHECKOUT.tasks | RETURN.tasks, 0)
    case.shop.script["pay", "do"] = [Fault.FAIL]
    server.second = 60  # so long it waits for its next attempt
    await case.start("s1")
    await until(lambda: any(len(flow["tasks"]) == 3 for flow in server.flows.values()))

    assert (await case.engine.queued())["shop.pay"] == 1


async def test_every_step_and_every_undo_goes_on_in_the_trace_its_saga_began_in(
    case: OnConductor,
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    request = SagaRequest(
        name="checkout",
        saga_id="case:s1",
        subject="s1",
        input={"order_id": "s1"},
        traceparent=trace,
    )
    sagas = case.hall.sagas(case.sagas)
    ask = case.database.transact(lambda session: SqlSagas(session, sagas))
    case.shop.script["reserve", "do"] = [Fault.REJECT]
    await ask(lambda sagas: sagas.request(request))

    assert await case.end("s1") == State.COMPENSATED
    assert {task.kind for task in case.shop.tasks_seen} == {"do", "undo"}
    assert {task.traceparent for task in case.shop.tasks_seen} == {trace}
