"""One attempt at a task: whatever a handler does, there is an outcome in time."""

import asyncio

import msgspec

from bookstore.kit.errors import BookstoreError, StorageFullError
from bookstore.saga.decide import Outcome
from bookstore.saga.ports import Status
from bookstore.saga.task import Handler, Reject, Task

_LONGEST_REASON = 500


async def perform(handler: Handler, task: Task, timeout: float) -> Outcome:  # noqa: ASYNC109 — that it times out is an outcome
    """Call a handler and say what came of it; raises only StorageFullError.

    On a full disk nothing can have happened, and nothing could be written down.
    """
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            output = await handler(task)
        return Outcome(Status.DONE, _as_read_back(output))
    except Reject as no:
        fields = tuple(no.fields)
        return Outcome.no(Status.REJECTED, no.code, no.reason[:_LONGEST_REASON], fields)
    except StorageFullError:
        raise
    except asyncio.CancelledError as error:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return _trouble(error)  # the handler cancelled something of its own
    except TimeoutError as error:
        if limit.expired():
            return Outcome.no(Status.TIMED_OUT, "timed-out", f"no answer within {timeout:g} s")
        return _trouble(error)
    except Exception as error:  # noqa: BLE001 — whatever it is, the step is tried again
        return _trouble(error)


def _trouble(error: BaseException) -> Outcome:
    code = error.code if isinstance(error, BookstoreError) else "failed"
    return Outcome.no(Status.FAILED, code, repr(error)[:_LONGEST_REASON])


def _as_read_back(output: object) -> dict[str, object]:
    """Return the output as it will be after a restart, so that later steps see no difference."""
    return msgspec.json.decode(msgspec.json.encode(output), type=dict[str, object])
