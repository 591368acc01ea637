"""What Argo CD may be told.

A project admits what the charts make and no more; applications stay as the repository says, and
name a commit, not something that moves.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from tools.delivery.rules.pods import title
from tools.delivery.rules.tasks import of_kind

Json: TypeAlias = dict[str, Any]


def projects_are_narrow(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse every star: what is new in a chart is admitted here first, by a person."""
    for project in of_kind(documents, "AppProject"):
        spec = project["spec"]
        for what in ("sourceRepos", "destinations", "namespaceResourceWhitelist"):
            if not spec.get(what) or "*" in json.dumps(spec[what]):
                yield f"{title(project)}: {what} admits anything"
        if spec.get("clusterResourceWhitelist"):
            yield f"{title(project)}: admits what is not in a namespace"
        kinds = {each["kind"] for each in spec.get("namespaceResourceWhitelist", ())}
        for kind in sorted(kinds & {"Secret", "Role", "RoleBinding", "ResourceQuota"}):
            yield f"{title(project)}: admits a {kind}"
        for role in spec.get("roles", ()):
            for policy in role["policies"]:
                _, _, resource, action, _, effect = (part.strip() for part in policy.split(","))
                if effect == "allow" and (
                    action in {"*", "delete", "override"} or resource == "*"
                ):
                    yield f"{title(project)}, role {role['name']}: may {action} {resource}"


def applications_stay_as_written(documents: Sequence[Json]) -> Iterator[str]:
    """Want what somebody changes or leaves in the cluster by hand to go again."""
    for whose, spec in _applications(documents):
        automated = spec.get("syncPolicy", {}).get("automated", {})
        for what in ("prune", "selfHeal"):
            if automated.get(what) is not True:
                yield f"{whose}: syncPolicy.automated.{what} is off"
        if automated.get("allowEmpty"):
            yield f"{whose}: an empty repository would end it"


def applications_are_in_their_project(documents: Sequence[Json]) -> Iterator[str]:
    """Say now what Argo CD would say later, at every one of the twelve."""
    projects = {
        each["metadata"]["name"]: each["spec"] for each in of_kind(documents, "AppProject")
    }
    for whose, spec in _applications(documents):
        project = projects.get(spec.get("project", "default"))
        if project is None:
            yield f"{whose}: project {spec.get('project')} is not here"
            continue
        for source in _sources(spec):
            if source["repoURL"] not in project["sourceRepos"]:
                yield f"{whose}: the project does not admit {source['repoURL']}"
        if spec["destination"] not in project["destinations"]:
            yield f"{whose}: the project does not admit {spec['destination']}"


def applications_name_a_commit(documents: Sequence[Json]) -> Iterator[str]:
    """Want a commit that somebody wrote down; the deploy repository itself has a branch."""
    for whose, spec in _applications(documents):
        for source in _sources(spec):
            revision = source.get("targetRevision", "HEAD")
            fixed = re.fullmatch(r"[0-9a-f]{40}|\{\{ *\.revision *\}\}", revision)
            if not fixed and "ref" not in source:
                yield f"{whose}: {revision} of {source['repoURL']} moves"


def sets_make_what_they_say(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a value that is missing, and two applications of one name."""
    for each in of_kind(documents, "ApplicationSet"):
        spec = each["spec"]
        if not spec.get("goTemplate") or "missingkey=error" not in spec.get(
            "goTemplateOptions", ()
        ):
            yield f"{title(each)}: a value that is missing becomes '<no value>'"
        name = spec["template"]["metadata"]["name"]
        for what in (".service", ".role"):
            if what not in name:
                yield f"{title(each)}: its applications' names do not tell the {what[1:]}"
        waves = {
            role.get("role"): int(role.get("wave", 0))
            for generator in spec["generators"]
            for inner in generator.get("matrix", {}).get("generators", ())
            for role in inner.get("list", {}).get("elements", ())
        }
        if not waves.get("command", 0) < waves.get("query", 0):
            yield f"{title(each)}: query does not come after command, which migrates"


def _applications(documents: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    for each in of_kind(documents, "Application"):
        yield title(each), each["spec"]
    for each in of_kind(documents, "ApplicationSet"):
        yield title(each), each["spec"]["template"]["spec"]


def _sources(spec: Json) -> Sequence[Json]:
    return spec.get("sources") or [spec["source"]]


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    projects_are_narrow,
    applications_stay_as_written,
    applications_are_in_their_project,
    applications_name_a_commit,
    sets_make_what_they_say,
)
