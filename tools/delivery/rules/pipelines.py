"""What a Tekton pipeline and its triggers may be.

Each task gets what it asks for, no two write to one workspace at once, and what a push says
arrives where it is wanted.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import yaml
from tools.delivery.rules.pods import title
from tools.delivery.rules.tasks import mentioned, names, of_kind

Json: TypeAlias = dict[str, Any]


def _by_name(documents: Sequence[Json], kind: str) -> Mapping[str, Json]:
    return {each["metadata"]["name"]: each for each in of_kind(documents, kind)}


def _required(items: Iterable[Json], unless: str) -> set[str]:
    return {item["name"] for item in items if unless not in item}


def _fits(whose: str, given: Json, asked: Json) -> Iterator[str]:
    """Say which parameters and workspaces are given to nobody, and which are missing."""
    for what, unless in (("params", "default"), ("workspaces", "optional")):
        there, wanted = names(given.get(what, ())), asked.get(what, ())
        for name in sorted(there - names(wanted)):
            yield f"{whose}: nobody asks for {what}.{name}"
        for name in sorted(_required(wanted, unless) - there):
            yield f"{whose}: {what}.{name} is missing"


def tasks_get_what_they_ask_for(documents: Sequence[Json]) -> Iterator[str]:
    """See that a task is there, and is given its parameters and workspaces and no others."""
    tasks = _by_name(documents, "Task")
    for pipeline in of_kind(documents, "Pipeline"):
        for step in pipeline["spec"].get("tasks", ()):
            whose = f"{title(pipeline)}, task {step['name']}"
            reference = step.get("taskRef", {}).get("name")
            if reference not in tasks:
                yield f"{whose}: there is no task {reference}"
                continue
            yield from _fits(whose, step, tasks[reference]["spec"])


def results_exist(documents: Sequence[Json]) -> Iterator[str]:
    """See that what a pipeline passes on is a result of a task of its own."""
    tasks = _by_name(documents, "Task")
    for pipeline in of_kind(documents, "Pipeline"):
        had = {
            (step["name"], result["name"])
            for step in pipeline["spec"].get("tasks", ())
            for result in tasks.get(step.get("taskRef", {}).get("name"), {})
            .get("spec", {})
            .get("results", ())
        }
        text = yaml.safe_dump(pipeline["spec"], width=10_000)
        for task, result in re.findall(r"\$\(tasks\.([\w-]+)\.results\.([\w-]+)", text):
            if (task, result) not in had:
                yield f"{title(pipeline)}: task {task} has no result {result}"


def pipelines_use_what_they_declare(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a parameter that changes nothing, and a workspace that nobody sees."""
    for pipeline in of_kind(documents, "Pipeline"):
        spec = pipeline["spec"]
        used = mentioned("params", [spec.get("tasks"), spec.get("finally"), spec.get("results")])
        for name in sorted(names(spec.get("params", ())) ^ used):
            yield f"{title(pipeline)}: params.{name} is declared or used, but not both"
        bound = {
            each["workspace"]
            for step in spec.get("tasks", ())
            for each in step.get("workspaces", ())
        }
        for name in sorted(names(spec.get("workspaces", ())) ^ bound):
            yield f"{title(pipeline)}: workspaces.{name} is declared or used, but not both"


def _before(tasks: Sequence[Json]) -> Mapping[str, set[str]]:
    """Return, for each task, those that have ended when it begins."""
    direct = {
        task["name"]: set(task.get("runAfter", ()))
        | set(re.findall(r"\$\(tasks\.([\w-]+)\.results", yaml.safe_dump(task)))
        for task in tasks
    }

    def all_before(name: str, seen: frozenset[str]) -> set[str]:
        found = direct.get(name, set()) - seen
        return found | {far for near in found for far in all_before(near, seen | found)}

    return {name: all_before(name, frozenset({name})) for name in direct}


def no_workspace_is_overwritten(documents: Sequence[Json]) -> Iterator[str]:
    """Want one clone per workspace, and those who share one to come one after the other."""
    declared = _by_name(documents, "Task")
    for pipeline in of_kind(documents, "Pipeline"):
        tasks = pipeline["spec"].get("tasks", ())
        before = _before(tasks)
        users: dict[str, list[str]] = {}
        clones: dict[str, str] = {}
        for task in tasks:
            reference = task.get("taskRef", {}).get("name")
            kinds = {
                each["name"]: each
                for each in declared.get(reference, {}).get("spec", {}).get("workspaces", ())
            }
            for each in task.get("workspaces", ()):
                where = each["workspace"]
                if reference == "git-clone" and each["name"] == "output":
                    if where in clones:
                        overwritten = clones[where]
                        yield f"{title(pipeline)}: {task['name']} overwrites {overwritten}'s clone"
                    clones[where] = task["name"]
                if not kinds.get(each["name"], {}).get("readOnly"):
                    for other in users.setdefault(where, []):
                        if other not in before[task["name"]] and task["name"] not in before[other]:
                            two = f"{other} and {task['name']}"
                            yield f"{title(pipeline)}: {two} write {where} at once"
                    users[where].append(task["name"])


def templates_give_what_pipelines_want(documents: Sequence[Json]) -> Iterator[str]:
    """See that a run that a push starts has what its pipeline asks for."""
    pipelines = _by_name(documents, "Pipeline")
    for template in of_kind(documents, "TriggerTemplate"):
        spec = template["spec"]
        runs = spec["resourcetemplates"]
        for name in sorted(names(spec.get("params", ())) ^ mentioned("tt.params", runs)):
            yield f"{title(template)}: params.{name} is declared or used, but not both"
        for run in runs:
            reference = run["spec"].get("pipelineRef", {}).get("name")
            if reference not in pipelines:
                yield f"{title(template)}: there is no pipeline {reference}"
                continue
            yield from _fits(title(template), run["spec"], pipelines[reference]["spec"])


def triggers_give_what_templates_want(documents: Sequence[Json]) -> Iterator[str]:
    """See that what a push says arrives at the template, by way of the bindings."""
    bindings = _by_name(documents, "TriggerBinding")
    templates = _by_name(documents, "TriggerTemplate")
    for trigger in of_kind(documents, "Trigger"):
        reference = trigger["spec"]["template"].get("ref")
        if reference not in templates:
            yield f"{title(trigger)}: there is no template {reference}"
            continue
        given: set[str] = set()
        for binding in trigger["spec"].get("bindings", ()):
            if "ref" not in binding:
                given.add(binding["name"])
            elif binding["ref"] in bindings:
                given |= names(bindings[binding["ref"]]["spec"].get("params", ()))
            else:
                yield f"{title(trigger)}: there is no binding {binding['ref']}"
        for name in sorted(names(templates[reference]["spec"].get("params", ())) ^ given):
            yield f"{title(trigger)}: params.{name} is given or wanted, but not both"


def pushes_are_signed(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a listener that believes whoever reaches it, or takes any branch."""
    for listener in of_kind(documents, "EventListener"):
        spec = listener["spec"]
        for group in (*spec.get("triggerGroups", ()), *spec.get("triggers", ())):
            interceptors = group.get("interceptors", [])
            first = interceptors[0] if interceptors else {}
            secret = any(each["name"] == "secretRef" for each in first.get("params", ()))
            if first.get("ref", {}).get("name") != "github" or not secret:
                yield f"{title(listener)}, {group.get('name')}: nobody checks the signature first"
            if "refs/heads/main" not in yaml.safe_dump(interceptors):
                yield f"{title(listener)}, {group.get('name')}: takes a push to any branch"


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    tasks_get_what_they_ask_for,
    results_exist,
    pipelines_use_what_they_declare,
    no_workspace_is_overwritten,
    templates_give_what_pipelines_want,
    triggers_give_what_templates_want,
    pushes_are_signed,
)
