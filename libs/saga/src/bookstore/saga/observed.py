"""Attempts that can be seen: in the trace their saga began in, and in every line they log."""

from collections.abc import Mapping
from dataclasses import replace

from bookstore.kit.caller import current_caller
from bookstore.kit.telemetry import about, span
from bookstore.saga.task import Handler, Output, Task

_TRACE_ID = slice(3, 35)  # of a traceparent


def observed(tasks: Mapping[str, Handler]) -> Mapping[str, Handler]:
    """Wrap each handler; the ids of its input, such as order_id, go along."""
    return {name: _observed(name, handler) for name, handler in tasks.items()}


def _observed(name: str, handler: Handler) -> Handler:
    async def handle(task: Task) -> Output:
        ids = {"saga_id": task.saga_id, "step": task.step, **_ids(task)}
        if task.traceparent is not None:
            trace_id = task.traceparent[_TRACE_ID]
            current_caller.set(replace(current_caller.get(), trace_id=trace_id))
        facts: dict[str, str | int] = {**ids, "kind": task.kind, "attempt": task.attempt}
        with about(**ids), span(name, parent=task.traceparent, facts=facts):
            return await handler(task)

    return handle


def _ids(task: Task) -> dict[str, str]:
    return {
        key: value
        for key, value in task.input.items()
        if key.endswith("_id") and isinstance(value, str)
    }
