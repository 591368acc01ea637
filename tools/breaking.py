"""Names what would break clients: today's contracts against those of another revision.

`python tools/breaking.py v1.2` compares the bundled specifications, and has buf compare the
protos. It says what it compared, and fails (1) with a line for each break. Without a revision it
takes origin/main, or main where there is no such branch; a revision that git does not know is an
error (2). A client breaks if what it sends is refused, or if what it reads is no longer there;
since unknown names are refused, taking one out of a request is a break as well.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BUNDLES = Path("libs/contracts/src/bookstore/contracts/openapi")
PROTOS = Path("api/proto")
Json = dict[str, Any]
Pair = tuple[Json, Json]
METHODS = ("get", "post", "put", "patch", "delete")
LOWER = ("maximum", "maxLength", "maxItems")  # a lower one refuses more
HIGHER = ("minimum", "minLength", "minItems")  # a higher one does


class Comparison:
    """One service's specification, before and now."""

    def __init__(self, before: Json, now: Json) -> None:
        self._before, self._now = before, now

    def breaks(self) -> Iterator[str]:
        """Yield a sentence for each break."""
        for path, item in self._before["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                where = f"{method.upper()} {path}"
                today = self._now["paths"].get(path, {})
                if method not in today:
                    yield f"{where}: is gone"
                    continue
                yield from self._roles(where, item[method], today[method])
                yield from self._parameters(where, (item, item[method]), (today, today[method]))
                yield from self._body(where, item[method], today[method])
                yield from self._answers(where, item[method], today[method])

    def _roles(self, where: str, before: Json, now: Json) -> Iterator[str]:
        lost = set(before["x-roles"]) - set(now["x-roles"])
        if lost and now["x-roles"] != ["public"]:
            yield f"{where}: no longer for {', '.join(sorted(lost))}"

    def _parameters(self, where: str, before: Pair, now: Pair) -> Iterator[str]:
        old, new = self._named(self._before, before), self._named(self._now, now)
        for name, parameter in old.items():
            if name not in new:
                yield f"{where}: {name} is gone"
            else:
                yield from self._narrowed(
                    f"{where}: {name}", parameter["schema"], new[name]["schema"]
                )
        for name, parameter in new.items():
            if parameter.get("required") and not old.get(name, {}).get("required"):
                yield f"{where}: {name} is needed now"

    def _named(self, document: Json, items: Pair) -> Json:
        every = (parameter for item in items for parameter in item.get("parameters", ()))
        found = (_flat(document, parameter) for parameter in every)
        return {parameter["name"]: parameter for parameter in found}

    def _body(self, where: str, before: Json, now: Json) -> Iterator[str]:
        old, new = (each.get("requestBody", {}).get("content", {}) for each in (before, now))
        for content_type, media in old.items():
            if content_type not in new:
                yield f"{where}: takes no {content_type} any more"
            else:
                yield from self._narrowed(
                    f"{where}: ", media["schema"], new[content_type]["schema"]
                )
        if new and not old:
            yield f"{where}: needs a body now"

    def _answers(self, where: str, before: Json, now: Json) -> Iterator[str]:
        for status, response in before["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in now["responses"]:
                yield f"{where}: answers {status} no more"
                continue
            old = _flat(self._before, response).get("content", {})
            new = _flat(self._now, now["responses"][status]).get("content", {})
            for content_type, media in old.items():
                if content_type not in new:
                    yield f"{where}: {status} is no {content_type} any more"
                else:
                    schema = new[content_type]["schema"]
                    yield from self._lessened(f"{where}: {status} ", media["schema"], schema)

    def _narrowed(self, where: str, before: Json, now: Json) -> Iterator[str]:
        """Yield what was taken before and is refused now."""
        old, new = _flat(self._before, before), _flat(self._now, now)
        if old.get("type") != new.get("type"):
            yield f"{where} is {new.get('type')} now"
            return
        yield from _tightened(where, old, new)
        if "items" in old:
            yield from self._narrowed(f"{where}[]", old["items"], new["items"])
        for name, inner in old.get("properties", {}).items():
            if name not in new["properties"]:
                yield f"{where}/{name} is gone"
            else:
                yield from self._narrowed(f"{where}/{name}", inner, new["properties"][name])
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{where}/{name} is needed now"

    def _lessened(self, where: str, before: Json, now: Json) -> Iterator[str]:
        """Yield what was there to be read before and is not now."""
        old, new = _flat(self._before, before), _flat(self._now, now)
        if old.get("type") != new.get("type"):
            yield f"{where} is {new.get('type')} now"
            return
        if new.get("nullable") and not old.get("nullable"):
            yield f"{where} may be null now"
        if "items" in old:
            yield from self._lessened(f"{where}[]", old["items"], new["items"])
        for name, inner in old.get("properties", {}).items():
            if name not in new["properties"]:
                yield f"{where}/{name} is gone"
            else:
                yield from self._lessened(f"{where}/{name}", inner, new["properties"][name])


def _tightened(where: str, old: Json, new: Json) -> Iterator[str]:
    """Yield what a value of its own may no longer be."""
    if old.get("nullable") and not new.get("nullable"):
        yield f"{where} may not be null now"
    if gone := set(old.get("enum", ())) - set(new.get("enum") or old.get("enum", ())):
        yield f"{where} may not be {', '.join(sorted(gone))} now"
    if new.get("enum") and not old.get("enum"):
        yield f"{where} is one of a few now"
    if new.get("pattern") not in {None, old.get("pattern")}:
        yield f"{where} has another pattern"
    for limit, sign in [(name, 1) for name in LOWER] + [(name, -1) for name in HIGHER]:
        if limit in new and (limit not in old or sign * new[limit] < sign * old[limit]):
            yield f"{where} has {limit} {new[limit]} now"


def _flat(document: Json, node: Json) -> Json:
    """Return what a reference names, and an allOf of one with what is beside it."""
    if "$ref" in node:
        found: Any = document
        for step in node["$ref"].split("/")[1:]:
            found = found[step]
        return _flat(document, found)
    if "allOf" in node:
        beside = {key: value for key, value in node.items() if key != "allOf"}
        return {**_flat(document, node["allOf"][0]), **beside}
    return node


def operations(document: Json) -> int:
    """Return how many operations a specification has."""
    return sum(method in item for item in document["paths"].values() for method in METHODS)


def messages(protos: Iterable[str]) -> int:
    """Return how many messages the texts of protos define."""
    return sum(len(re.findall(r"^ *message [A-Z]", proto, re.MULTILINE)) for proto in protos)


def git(root: Path, *arguments: str) -> bytes | None:
    """Return what git says, or None if it refuses."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True)
    return None if done.returncode else done.stdout


def chosen(root: Path, revision: str | None) -> str:
    """Return the revision to compare with; raises RevisionError if git does not know it."""
    wanted = [revision] if revision else ["origin/main", "main"]
    for name in wanted:
        if git(root, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}"):
            return name
    raise RevisionError(
        f"git knows no revision {' nor '.join(wanted)}: fetch it (`git fetch origin main`), "
        "or name another, as in `python tools/breaking.py HEAD~1`"
    )


class RevisionError(Exception):
    """There is nothing to compare with."""


def compare(root: Path, revision: str) -> tuple[list[str], str]:
    """Return what is broken, and a sentence that says what was compared."""
    found: list[str] = []
    compared = services = 0
    for bundle in sorted((root / BUNDLES).glob("*.json")):
        before = git(root, "show", f"{revision}:{(BUNDLES / bundle.name).as_posix()}")
        if before is None:  # the service is new
            continue
        old = json.loads(before)
        services, compared = services + 1, compared + operations(old)
        comparison = Comparison(old, json.loads(bundle.read_bytes()))
        found += [f"{bundle.stem}: {sentence}" for sentence in comparison.breaks()]
    listed = git(root, "ls-tree", "-r", "--name-only", revision, "--", PROTOS.as_posix()) or b""
    names = [name for name in listed.decode().splitlines() if name.endswith(".proto")]
    protos = [(git(root, "show", f"{revision}:{name}") or b"").decode() for name in names]
    if protos:
        found += _broken_protos(root, revision)
    return found, (
        f"compared with {revision}: {compared} operations of {services} services, "
        f"{messages(protos)} messages of {len(protos)} protos"
    )


def _broken_protos(root: Path, revision: str) -> list[str]:
    """Return what buf says would break the services' calls to each other."""
    against = f"../../.git#ref={revision},subdir={PROTOS.as_posix()}"
    done = subprocess.run(
        [root / "node_modules/.bin/buf", "breaking", "--against", against],
        cwd=root / PROTOS,
        check=False,
        capture_output=True,
        text=True,
    )
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def main() -> None:
    """Compare every service's specification with that of the revision, and the protos too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", nargs="?", help="origin/main, or else main, if not named")
    try:
        revision = chosen(ROOT, parser.parse_args().revision)
    except RevisionError as error:
        parser.error(str(error))
    found, compared = compare(ROOT, revision)
    sys.stdout.write(f"{compared}\n")
    if found:
        sys.exit("\n".join([f"breaks clients of {revision}:", *found]))


if __name__ == "__main__":
    main()
