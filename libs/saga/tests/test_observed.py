"""An attempt is seen in the trace that its saga began in, and in its own without one."""

from dataclasses import replace

import pytest

from bookstore.kit.caller import Caller, current_caller
from bookstore.saga.observed import observed
from bookstore.saga.task import Output, Reject, Task

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TASK = Task(saga_id="s1", step="pay", input={"order_id": "o1"}, workflow_id="w1")


@pytest.mark.parametrize(
    ("traceparent", "seen"), [(f"00-{TRACE}-00f067aa0ba902b7-01", TRACE), (None, "of its own")]
)
async def test_an_attempt_belongs_to_the_trace_of_its_saga(
    traceparent: str | None, seen: str
) -> None:
    async def trace(_task: Task) -> Output:
        return {"trace": current_caller.get().trace_id}

    handler = observed({"payment.make": trace})["payment.make"]
    token = current_caller.set(Caller(trace_id="of its own"))
    try:
        output = await handler(replace(TASK, traceparent=traceparent))
    finally:
        current_caller.reset(token)

    assert output == {"trace": seen}


async def test_how_an_attempt_ended_is_logged_but_not_what_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "bookstore.saga.tasks")

    async def refuse(_task: Task) -> Output:
        raise Reject("card-declined", "the card of ann@example.com")

    with pytest.raises(Reject):
        await observed({"payment.make": refuse})["payment.make"](TASK)

    assert caplog.messages == ["payment.make is not done: Reject"]
