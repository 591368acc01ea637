"""What we ask of a Conductor server, over its REST API; its own Python client is not used.

The server's `idempotencyKey` does nothing in the open-source version: a workflow is found again
by its correlation id, which is the saga's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx

from bookstore.kit.errors import BookstoreError, UnavailableError

Json = Mapping[str, Any]

PATIENCE_S: Final = 10.0


class ConductorUnavailableError(UnavailableError):
    """The workflow server cannot be reached, or did not answer in time."""

    code = "conductor-unavailable"


@dataclass(frozen=True, slots=True)
class Conductor:
    """A server; `http` has its address and `/api` as its base URL.

    Each call raises ConductorUnavailableError when no answer came, whatever came of it, and
    BookstoreError when the server says that we asked wrongly.
    """

    http: httpx.AsyncClient

    async def register(self, workflows: Sequence[Json]) -> None:
        """Make workflows known; one that is known in this version becomes this."""
        await self._ask("PUT", "/metadata/workflow", json=list(workflows))

    async def start(
        self, name: str, version: int, saga_id: str, *, data: Json, traceparent: str | None
    ) -> str:
        """Start a workflow for a saga, and return its id."""
        given = {"saga_id": saga_id, "traceparent": traceparent, "data": data}
        order = {"name": name, "version": version, "correlationId": saga_id, "input": given}
        return (await self._ask("POST", "/workflow", json=order)).text.strip('"')

    async def started(self, name: str, saga_id: str) -> list[str]:
        """Return the ids of the workflows of a saga, ended or not, the first one first."""
        asked = {"includeClosed": "true", "includeTasks": "false"}
        found = await self._ask("GET", f"/workflow/{name}/correlated/{saga_id}", params=asked)
        return [flow["workflowId"] for flow in sorted(found.json(), key=_begun)]

    async def look(self, workflow_id: str) -> dict[str, Any] | None:
        """Return a workflow with its tasks; None if there is none of this id."""
        answer = await self._ask(
            "GET",
            f"/workflow/{workflow_id}",
            params={"includeTasks": "true"},
            fine={HTTPStatus.NOT_FOUND},
        )
        return dict(answer.json()) if answer.is_success else None

    async def decide(self, workflow_id: str) -> None:
        """Have the server look at a workflow now: by itself it sees a dead worker minutes late."""
        await self._ask("PUT", f"/workflow/decide/{workflow_id}")

    async def retry(self, workflow_id: str) -> None:
        """Have a failed workflow go on at its failed task."""
        await self._ask("POST", f"/workflow/{workflow_id}/retry")

    async def settle(self, workflow_id: str, task: Json) -> None:
        """Have a failed workflow go on at a failed task, which its worker passes by."""
        await self._rerun(workflow_id, task, {**task["inputData"], "settled": True})

    async def repeat(self, workflow_id: str, task: Json) -> None:
        """Have a failed workflow go on at a task that was done: its worker says so again."""
        await self._rerun(workflow_id, task, task["inputData"])

    async def terminate(self, workflow_id: str, reason: str) -> None:
        """End a workflow where it stands; one that has ended is left alone."""
        await self._ask(
            "DELETE",
            f"/workflow/{workflow_id}",
            params={"reason": reason},
            fine={HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND},
        )

    async def poll(self, task: str, worker: str, count: int) -> list[dict[str, Any]]:
        """Take up to so many tasks of a kind; at once, since the server waits for a full batch."""
        asked: dict[str, str | int] = {"workerid": worker, "count": count, "timeout": 0}
        answer = await self._ask("GET", f"/tasks/poll/batch/{task}", params=asked)
        return list(answer.json()) if answer.content else []

    async def queued(self, tasks: Collection[str]) -> dict[str, int]:
        """Return how many tasks of each kind wait for a worker."""
        asked = {"taskType": sorted(tasks)}
        return dict((await self._ask("GET", "/tasks/queue/sizes", params=asked)).json())

    async def answer(self, result: Json) -> None:
        """Say what came of a task; of one that has been answered, nothing is changed."""
        gone = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
        await self._ask("POST", "/tasks", json=result, fine=gone)

    async def hold(self, task: Json) -> None:
        """Say that a task is still being done: the server waits for it anew."""
        held = {**task, "status": "IN_PROGRESS", "extendLease": True}
        gone = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
        await self._ask("POST", "/tasks", json=held, fine=gone)

    async def _rerun(self, workflow_id: str, task: Json, given: Json) -> None:
        order = {"reRunFromTaskId": task["taskId"], "taskInput": given}
        await self._ask("POST", f"/workflow/{workflow_id}/rerun", json=order)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        fine: Collection[int] = (),
        **asked: Any,  # noqa: ANN401 — httpx says what its options are
    ) -> httpx.Response:
        try:
            answer = await self.http.request(method, path, timeout=PATIENCE_S, **asked)
        except httpx.HTTPError as error:
            raise ConductorUnavailableError(
                f"the workflow server cannot be reached: {error!r}", retry_after=1
            ) from error
        if answer.is_success or answer.status_code in fine:
            return answer
        if answer.is_server_error:
            raise ConductorUnavailableError(
                f"the workflow server answers {answer.status_code}", retry_after=1
            )
        raise BookstoreError(
            f"{method} {path}: the workflow server answers {answer.status_code}: "
            f"{answer.text[:200]}"
        )


def _begun(flow: Json) -> int:
    return int(flow.get("createTime") or 0)
