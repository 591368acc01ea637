"""Attempts that can be seen: in the trace their saga began in, and in every line they log.

One line says how each ended; a severity of INFO shows them.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bookstore.kit.caller import current_caller
from bookstore.kit.telemetry import about, span
from bookstore.saga.task import Handler, Output, Task

_TRACE_ID: Final = slice(3, 35)  # of a traceparent
_LOG: Final = logging.getLogger("bookstore.saga.tasks")


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
            try:
                output = await handler(task)
            except Exception as error:
                _LOG.info("%s is not done: %s", name, type(error).__name__)
                raise
            _LOG.info("%s is done", name)
            return output

    return handle


def _ids(task: Task) -> dict[str, str]:
    return {
        key: value
        for key, value in task.input.items()
        if key.endswith("_id") and isinstance(value, str)
    }
