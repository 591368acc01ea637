"""What a Tekton task may be.

Every parameter, result and workspace is declared and used, no step may more than it must, and no
value is pasted into a script, where it would be read as commands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import yaml
from tools.delivery.rules.pods import title

Json: TypeAlias = dict[str, Any]

# They unpack an image and start what is in it: as root, with what `baseline` lets root keep.
ROOT_STEPS: Final = frozenset({("kaniko", "build"), ("kaniko", "try")})
BASELINE: Final = frozenset(
    {"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"}
    | {"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "AUDIT_WRITE"}
)
_PASTED: Final = re.compile(r"\$\((?:params|tasks|workspaces|context|steps|step|results|tt)[.\[]")


def of_kind(documents: Sequence[Json], *kinds: str) -> Iterator[Json]:
    """Yield the documents of these kinds."""
    yield from (document for document in documents if document.get("kind") in kinds)


def names(items: Iterable[Json]) -> set[str]:
    """Return the names of a list of named things."""
    return {item["name"] for item in items}


def mentioned(what: str, where: object) -> set[str]:
    """Return which `$(what.NAME…)` occur in a piece of a resource."""
    return set(re.findall(rf"\$\({what}\.([\w-]+)", yaml.safe_dump(where, width=10_000)))


def steps(documents: Sequence[Json]) -> Iterator[tuple[str, str, Json]]:
    """Yield each step as it will run, its template's security context below its own."""
    for task in of_kind(documents, "Task"):
        template = task["spec"].get("stepTemplate", {})
        for step in task["spec"].get("steps", ()):
            context = template.get("securityContext", {}) | step.get("securityContext", {})
            whose = f"{title(task)}, step {step.get('name')}"
            yield whose, task["metadata"]["name"], template | step | {"securityContext": context}


def what_is_declared_is_used(documents: Sequence[Json]) -> Iterator[str]:
    """See to it both ways; the webhook looks at parameters only."""
    for task in of_kind(documents, "Task"):
        spec = task["spec"]
        work = {part: spec.get(part) for part in ("steps", "stepTemplate", "volumes", "results")}
        results = names(spec.get("results", ()))
        given = {each["name"] for each in spec.get("results", ()) if "value" in each}
        for what, declared, used in (
            ("params", names(spec.get("params", ())), mentioned("params", work)),
            ("workspaces", names(spec.get("workspaces", ())), mentioned("workspaces", work)),
            ("results", results, mentioned("results", work) | given),
        ):
            for name in sorted(declared ^ used):
                said = "never used" if name in declared else "not declared"
                yield f"{title(task)}: {what}.{name} is {said}"


def steps_pass_on_what_they_have(documents: Sequence[Json]) -> Iterator[str]:
    """See that a step's result comes from an earlier step that says it has it."""
    for task in of_kind(documents, "Task"):
        before: set[tuple[str, str]] = set()
        for step in task["spec"].get("steps", ()):
            wanted = re.findall(r"\$\(steps\.([\w-]+)\.results\.([\w-]+)", yaml.safe_dump(step))
            for other, result in sorted(set(wanted) - before):
                yield f"{title(task)}, step {step['name']}: no step {other} gave a {result} before"
            before |= {(step["name"], result["name"]) for result in step.get("results", ())}


def nothing_is_pasted_into_scripts(documents: Sequence[Json]) -> Iterator[str]:
    """Keep values in variables, where a branch named `$(reboot)` stays a name."""
    for whose, _, step in steps(documents):
        script = step.get("script", "")
        if _PASTED.search(script):
            yield f"{whose}: a value is pasted into its script; give it in a variable"
        if "script" in step and not script.startswith("#!"):
            yield f"{whose}: nobody knows what reads its script"
        if script.startswith("#!/bin/sh") and "\nset -eu\n" not in script:
            yield f"{whose}: goes on after an error (set -eu)"


def steps_may_little(documents: Sequence[Json]) -> Iterator[str]:
    """Want Pod Security's `restricted` of each step, but for those that unpack an image."""
    for whose, task, step in steps(documents):
        context, root = step["securityContext"], (task, step.get("name")) in ROOT_STEPS
        capabilities = context.get("capabilities", {})
        if context.get("privileged") or context.get("allowPrivilegeEscalation") is not False:
            yield f"{whose}: may escalate its privileges"
        if "ALL" not in capabilities.get("drop", ()):
            yield f"{whose}: keeps capabilities"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{whose}: every system call is open to it"
        if (extra := set(capabilities.get("add", ())) - (BASELINE if root else set())) != set():
            yield f"{whose}: adds {', '.join(sorted(extra))}"
        if not root and (context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0):
            yield f"{whose}: runs as root"
        if context.get("readOnlyRootFilesystem") is not True and step.get("name") != "build":
            yield f"{whose}: writes to its root file system"


def steps_are_pinned_and_bounded(documents: Sequence[Json]) -> Iterator[str]:
    """Want a tag that stays, and a bound to the memory it takes."""
    for whose, _, step in steps(documents):
        image = step.get("image", "")
        name = image.rpartition("/")[2]
        if not image.startswith("$(params.") and (":" not in name or name.endswith(":latest")):
            yield f"{whose}: image {image or '(none)'} has no tag of its own"
        said = step.get("computeResources", {})
        for kind, what in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if what not in said.get(kind, {}):
                yield f"{whose}: computeResources.{kind}.{what} is missing"


def catalog_has_versions(documents: Sequence[Json]) -> Iterator[str]:
    """Want to be told which version it is, and from which Tekton on it works."""
    for each in of_kind(documents, "Task", "Pipeline"):
        meta = each["metadata"]
        if "app.kubernetes.io/version" not in meta.get("labels", {}):
            yield f"{title(each)}: does not say its version"
        if "tekton.dev/pipelines.minVersion" not in meta.get("annotations", {}):
            yield f"{title(each)}: does not say which Tekton it needs"


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    what_is_declared_is_used,
    steps_pass_on_what_they_have,
    nothing_is_pasted_into_scripts,
    steps_may_little,
    steps_are_pinned_and_bounded,
    catalog_has_versions,
)
