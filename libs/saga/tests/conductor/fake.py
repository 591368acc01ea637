"""A Conductor in memory, behind httpx: what the real one was seen to do with our workflows.

It keeps to what the conformance suite proves on the real server; a second of its lasts `second`.
One that `breaks_after` a task has it COMPLETED and the workflow FAILED, as an error of its storage
does; unless it `is_mending`, nothing brings a broken workflow to go on.
A task that was lost is noticed only when it is kicked: the real one takes a minute or two.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count
from time import time
from typing import Any, TypeAlias

import httpx

Json: TypeAlias = dict[str, Any]

_OPEN = {"SCHEDULED", "IN_PROGRESS"}
_PASSED = {"COMPLETED", "COMPLETED_WITH_ERRORS"}


class FakeConductor:
    """The server; `lost` answers get lost on the way back, `refused` requests get a refusal."""

    def __init__(self, *, second: float = 0.02) -> None:
        self.second = second
        self.definitions: dict[tuple[str, int], Json] = {}
        self.flows: dict[str, Json] = {}
        self.breaks_after = ""  # a task's reference: there the server breaks a workflow, once
        self.mended: list[str] = []
        self.is_mending = True
        self.kicks: list[str] = []
        self.holds = 0
        self.away = False
        self.lost = 0
        self.refused = 0
        self.refusal = 400
        self._ids = count(1)
        self._routes: list[tuple[str, str, Callable[..., httpx.Response]]] = [
            ("PUT", r"/metadata/workflow", self._register),
            ("POST", r"/workflow", self._start),
            ("GET", r"/workflow/([^/]+)/correlated/(.+)", self._correlated),
            ("PUT", r"/workflow/decide/([^/]+)", self._kick),
            ("POST", r"/workflow/([^/]+)/retry", self._retry),
            ("POST", r"/workflow/([^/]+)/rerun", self._rerun),
            ("DELETE", r"/workflow/([^/]+)", self._terminate),
            ("GET", r"/workflow/([^/]+)", self._look),
            ("GET", r"/tasks/poll/batch/([^/]+)", self._poll),
            ("GET", r"/tasks/queue/sizes", self._sizes),
            ("POST", r"/tasks", self._answer),
        ]

    def client(self) -> httpx.AsyncClient:
        """Return a client whose requests come here."""
        return httpx.AsyncClient(
            base_url="http://conductor/api", transport=httpx.MockTransport(self._respond)
        )

    def _respond(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("the server is away", request=request)
        if self.refused and request.method != "GET":
            self.refused -= 1
            return httpx.Response(self.refusal)
        path = request.url.path.removeprefix("/api")
        for method, pattern, handle in self._routes:
            match = re.fullmatch(pattern, path)
            if match is not None and method == request.method:
                response = handle(request, *match.groups())
                if self.lost and method != "GET":
                    self.lost -= 1
                    raise httpx.ReadTimeout("the answer is lost", request=request)
                return response
        return httpx.Response(405)

    def _register(self, request: httpx.Request) -> httpx.Response:
        for workflow in json.loads(request.content):
            self.definitions[workflow["name"], workflow["version"]] = workflow
        return httpx.Response(200, json={})

    def _start(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        flow = {
            "workflowId": f"w{next(self._ids)}",
            "workflowName": asked["name"],
            "workflowVersion": asked["version"],
            "correlationId": asked["correlationId"],
            "createTime": _now(),
            "input": asked["input"],
            "status": "RUNNING",
            "output": {},
            "tasks": [],
        }
        self.flows[flow["workflowId"]] = flow
        self._decide(flow)
        return httpx.Response(200, text=flow["workflowId"])

    def _correlated(self, _request: httpx.Request, name: str, saga_id: str) -> httpx.Response:
        found = [
            flow
            for flow in self.flows.values()
            if (flow["workflowName"], flow["correlationId"]) == (name, saga_id)
        ]
        return httpx.Response(200, json=found)

    def _look(self, _request: httpx.Request, workflow_id: str) -> httpx.Response:
        flow = self.flows.get(workflow_id)
        return httpx.Response(404) if flow is None else httpx.Response(200, json=flow)

    def _kick(self, _request: httpx.Request, workflow_id: str) -> httpx.Response:
        self.kicks.append(workflow_id)
        self._decide(self.flows[workflow_id])
        return httpx.Response(200)

    def _retry(self, _request: httpx.Request, workflow_id: str) -> httpx.Response:
        flow = self.flows[workflow_id]
        self.mended.append(workflow_id)
        is_broken = flow["status"] in {"FAILED", "TIMED_OUT", "TERMINATED"}
        if not is_broken or flow["tasks"][-1]["status"] in _PASSED or not self.is_mending:
            return httpx.Response(409, text="there are no retryable tasks")
        flow["status"] = "RUNNING"
        self._again(flow, flow["tasks"][-1])
        return httpx.Response(204)

    def _rerun(self, request: httpx.Request, workflow_id: str) -> httpx.Response:
        asked = json.loads(request.content)
        flow = self.flows[workflow_id]
        self.mended.append(workflow_id)
        if not self.is_mending:
            return httpx.Response(409, text="cannot rerun")
        task = next(t for t in flow["tasks"] if t["taskId"] == asked["reRunFromTaskId"])
        task |= {"status": "SCHEDULED", "scheduledTime": _now(), "updateTime": _now()}
        task |= {"inputData": asked["taskInput"], "outputData": {}, "startDelayInSeconds": 0}
        flow["status"] = "RUNNING"
        return httpx.Response(200, text=workflow_id)

    def _terminate(self, request: httpx.Request, workflow_id: str) -> httpx.Response:
        flow = self.flows[workflow_id]
        if flow["status"] != "RUNNING":
            return httpx.Response(409, text=f"cannot terminate a {flow['status']} workflow")
        flow["status"] = "TERMINATED"
        for task in flow["tasks"]:
            if task["status"] in _OPEN:
                task |= {"status": "CANCELED", "endTime": _now()}
        flow["reasonForIncompletion"] = request.url.params["reason"]
        return httpx.Response(200)

    def _poll(self, request: httpx.Request, kind: str) -> httpx.Response:
        taken: list[Json] = []
        for flow in list(self.flows.values()):
            for task in flow["tasks"]:
                due = task["scheduledTime"] + 1000 * self.second * task["startDelayInSeconds"]
                is_wanted = task["status"] == "SCHEDULED" and task["taskDefName"] == kind
                if is_wanted and due <= _now() and len(taken) < int(request.url.params["count"]):
                    task |= {"status": "IN_PROGRESS", "startTime": _now(), "updateTime": _now()}
                    taken.append(task)
        return httpx.Response(200, json=taken) if taken else httpx.Response(204)

    def _sizes(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.params.get_list("taskType")
        tasks = [task for flow in self.flows.values() for task in flow["tasks"]]
        waiting = [task["taskDefName"] for task in tasks if task["status"] == "SCHEDULED"]
        return httpx.Response(200, json={kind: waiting.count(kind) for kind in asked})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        result = json.loads(request.content)
        flow = self.flows.get(result["workflowInstanceId"], {"tasks": []})
        task = next((t for t in flow["tasks"] if t["taskId"] == result["taskId"]), None)
        if task is None:
            return httpx.Response(404)
        if task["status"] in _OPEN:
            if result.get("extendLease"):
                task["updateTime"] = _now()
                self.holds += 1
                return httpx.Response(200)
            if result["status"] == "IN_PROGRESS":
                task |= {"status": "SCHEDULED", "scheduledTime": _now()}
                return httpx.Response(200)
            given = {name: result[name] for name in ("status", "outputData") if name in result}
            reason = {"reasonForIncompletion": result.get("reasonForIncompletion", "")[:500]}
            task |= given | reason | {"endTime": _now(), "updateTime": _now()}
            self._decide(flow)
        return httpx.Response(200)

    def _decide(self, flow: Json) -> None:
        done = {task["referenceTaskName"] for task in flow["tasks"] if task["status"] in _PASSED}
        if self.breaks_after in done:
            self.breaks_after = ""
            flow |= {"status": "FAILED", "reasonForIncompletion": "the storage is busy"}
        if flow["status"] == "RUNNING":
            definition = self.definitions[flow["workflowName"], flow["workflowVersion"]]
            self._walk(flow, iter(definition["tasks"]))

    def _walk(self, flow: Json, tasks: Iterator[Json]) -> bool:
        """Go as far as the tasks let us; return whether all were passed."""
        for task in tasks:
            if task["type"] == "TERMINATE":
                flow["status"] = task["inputParameters"]["terminationStatus"]
                flow["output"] = self._rendered(flow, task["inputParameters"]["workflowOutput"])
                return False
            if task["type"] == "SWITCH":
                looked_at = self._rendered(flow, task["inputParameters"])
                case = task["decisionCases"].get(looked_at[task["expression"]], [])
                if not self._walk(flow, iter(case)):
                    return False
            elif not self._is_passed(flow, task):
                return False
        return True

    def _is_passed(self, flow: Json, task: Json) -> bool:
        made = _last(flow, task["taskReferenceName"])
        if made is None:
            self._schedule(flow, task)
            return False
        definition = task["taskDefinition"]
        limit = made["updateTime"] + 1000 * self._patience(task)
        if made["status"] == "IN_PROGRESS" and limit < _now():
            made |= {"status": "TIMED_OUT", "endTime": _now()}
            made["reasonForIncompletion"] = "responseTimeout"
        if made["status"] in _OPEN | _PASSED:
            return made["status"] in _PASSED
        is_final = made["status"] == "FAILED_WITH_TERMINAL_ERROR"
        if not is_final and made["retryCount"] < definition["retryCount"]:
            self._again(flow, made, definition["retryDelaySeconds"])
            return False
        if task["optional"]:
            made["status"] = "COMPLETED_WITH_ERRORS"
            return True
        flow["status"] = "TIMED_OUT" if made["status"] == "TIMED_OUT" else "FAILED"
        return False

    def _schedule(self, flow: Json, task: Json, **more: Any) -> None:
        flow["tasks"].append(
            {
                "taskId": f"t{next(self._ids)}",
                "workflowInstanceId": flow["workflowId"],
                "taskType": task["name"],
                "taskDefName": task["name"],
                "referenceTaskName": task["taskReferenceName"],
                "seq": len(flow["tasks"]) + 1,
                "status": "SCHEDULED",
                "retried": False,
                "retryCount": 0,
                "scheduledTime": _now(),
                "updateTime": _now(),
                "startDelayInSeconds": 0,
                "responseTimeoutSeconds": self._patience(task),
                "inputData": self._rendered(flow, task["inputParameters"]),
                "outputData": {},
                "workflowTask": task,
                **more,
            }
        )

    def _patience(self, task: Json) -> float:
        return self.second * float(task["taskDefinition"]["responseTimeoutSeconds"])

    def _again(self, flow: Json, made: Json, delay: int = 0) -> None:
        made["retried"] = True
        self._schedule(
            flow,
            made["workflowTask"],
            retryCount=made["retryCount"] + 1,
            retriedTaskId=made["taskId"],
            startDelayInSeconds=delay,
            inputData=deepcopy(made["inputData"]),
        )

    def _rendered(self, flow: Json, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._rendered(flow, inner) for name, inner in value.items()}
        match = re.fullmatch(r"\$\{(.+)}", value) if isinstance(value, str) else None
        if match is None:
            return value
        head, *path = match[1].split(".")
        if head == "workflow":
            found: Any = flow
        else:
            task = _last(flow, head) or {}
            found = {"status": task.get("status"), "output": task.get("outputData")}
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def _last(flow: Json, reference: str) -> Json | None:
    made = [task for task in flow["tasks"] if task["referenceTaskName"] == reference]
    return made[-1] if made else None


def _now() -> float:
    return time() * 1000
