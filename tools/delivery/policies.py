"""Writes what the charts take from the specifications: `python -m tools.delivery.policies`.

Each chart's files/access.yaml says, for its command and for its query release, who may call what,
which paths are its own, and who calls it over gRPC; its values.schema.json is a copy of
deploy/helm/schema.json. `--check` writes nothing and fails where one is stale.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml
from tools.edge.routes import SAFE, Rule, prefixes, rules, services

Json: TypeAlias = dict[str, Any]

CHARTS: Final = Path(__file__).parents[2] / "deploy/helm"
_HEAD: Final = "# Made of the OpenAPI files by `make generate`; edit those.\n"


def access(service: str) -> Json:
    """Return what a chart has to know of its service's specification."""
    own = [rule for rule in rules() if rule.service == service]
    return {
        "callers": _callers(service),
        "prefixes": sorted(prefix for prefix, whose in prefixes().items() if whose == service),
        "reads": [
            {"method": rule.method, "path": rule.path}
            for rule in own
            if rule.reads and rule.method not in SAFE
        ],
        "known": [
            {"path": template(path), "methods": _methods_at(path, own)}
            for path in sorted({rule.path for rule in own})
        ],
        "command": _part([rule for rule in own if not rule.reads]),
        "query": _part([rule for rule in own if rule.reads]),
    }


def _part(served: Sequence[Rule]) -> Json:
    """Say who may call what one release serves."""
    by_roles: dict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in served:
        by_roles[rule.roles].append(rule)
    return {
        "public": _operations(by_roles.pop(("public",), ())),
        "roles": [
            {"roles": [*roles], "operations": _operations(them)}
            for roles, them in sorted(by_roles.items())
        ],
    }


def _operations(them: Iterable[Rule]) -> list[Json]:
    """Put paths with the same methods together."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in them:
        methods[rule.path] |= {*_said(rule)}
    paths: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, taken in methods.items():
        paths[tuple(sorted(taken))].append(template(path))
    return [
        {"methods": [*taken], "paths": sorted(where)} for taken, where in sorted(paths.items())
    ]


def _methods_at(path: str, own: Sequence[Rule]) -> list[str]:
    """Return the methods of a path and of each that a request for it could mean as well."""
    return sorted({method for rule in own if _meet(path, rule.path) for method in _said(rule)})


def _meet(one: str, other: str) -> bool:
    """Tell whether a request can be for both: users/password is for users/{id}, too."""
    parts, others = one.split("/"), other.split("/")
    return len(parts) == len(others) and all(
        a == b or "{" in a or "{" in b for a, b in zip(parts, others, strict=True)
    )


def _said(rule: Rule) -> Sequence[str]:
    """Return the methods a client may use: HEAD is wherever GET is."""
    return SAFE if rule.method == "GET" else (rule.method,)


def template(path: str) -> str:
    """Return a path as Istio's policies write it: {*} is one segment, whatever it is."""
    return "/".join("{*}" if part.startswith("{") else part for part in path.split("/"))


def _callers(service: str) -> list[str]:
    """Return whose charts name a service as their neighbour."""
    return [
        name
        for name in services()
        if service in yaml.safe_load((CHARTS / name / "values.yaml").read_text())["neighbours"]
    ]


def made() -> Mapping[Path, str]:
    """Return each file's content."""
    schema = (CHARTS / "schema.json").read_text(encoding="utf-8")
    json.loads(schema)
    files = {CHARTS / name / "values.schema.json": schema for name in services()}
    for name in services():
        text = yaml.safe_dump(access(name), sort_keys=False, default_flow_style=None, width=96)
        files[CHARTS / name / "files/access.yaml"] = _HEAD + text
    return files


def main() -> None:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    if not parser.parse_args().check:
        for file, text in made().items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return
    stale = [
        str(file.relative_to(CHARTS.parents[1]))
        for file, text in made().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    if stale:
        sys.exit(f"{', '.join(stale)}: stale; `make generate` writes them")


if __name__ == "__main__":
    main()
