"""Rung 5: what an Envoy answers that istiod configured from a release's own policies.

A table of requests: every operation of the service, and what there is not, with no token, with
those of a customer, of staff and of a service, and with tokens that are nobody's. What is right
comes from the specification, not from the chart.
"""

import functools
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias

import httpx
import yaml
from tools.delivery import tokens
from tools.delivery.charts import release
from tools.delivery.cluster import kubectl
from tools.delivery.ladder import Good, Missing, Rung
from tools.delivery.manifests import documents
from tools.delivery.proxy import ADDRESS, GRPC, HTTP, Proxy, listening
from tools.edge.routes import SAFE, Rule, rules

Json: TypeAlias = dict[str, Any]

_KINDS: Final = ("RequestAuthentication", "AuthorizationPolicy")
_PASSED: Final = 200
_NOT_KNOWN: Final = 401  # by the key set
_NOT_ALLOWED: Final = 403
_ADMIN: Final = 15100
_ROUNDS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with whose token, and the right answer."""

    method: str
    path: str
    who: str | None
    right: int
    port: int = HTTP


def meshed(service: str, role: str) -> Good:
    """Return a release that believes our tokens, whose policies are asked as the last rung."""
    values = yaml.safe_dump({"oidc": {"keys": tokens.key_set()}})
    good = release(service, role, values)
    answers = functools.partial(wrong_answers, service, role)
    return Good(f"{good.name} in the mesh", good.read, {**good.checks, Rung.MESH: answers})


def wrong_answers(service: str, role: str, text: str) -> Iterator[str]:
    """Say which requests the mesh answers otherwise than the specification wants."""
    wanted = table(service, role)
    with _proxied(service, role, text) as client:
        for asked in wanted:
            got = _ask(client, asked)
            if got != asked.right:
                whose = f"with the token of {asked.who}" if asked.who else "without a token"
                yield (
                    f"{asked.method} {asked.path} at {asked.port} {whose}: "
                    f"{got}, but {asked.right} is right"
                )


def table(service: str, role: str) -> list[Asked]:
    """Return what is asked of a release, and what is right."""
    own = [rule for rule in rules() if rule.service == service]
    served = [rule for rule in own if rule.reads is (role == "query")]
    asked = [one for rule in served for one in _operation(rule)]
    asked += [one for rule in own if rule not in served for one in _of_the_other(rule, served)]
    somebody = (None, *tokens.ROLES)
    for path in (
        "/api/v1/nothing",
        "/",
    ):  # what there is not, the service says to whoever is known
        asked += [_known_only("GET", path, who) for who in (*somebody, *tokens.REFUSED)]
    asked += [_known_only("PATCH", _filled(own[0].path), who) for who in somebody]
    asked += [
        Asked("GET", path, who, _NOT_ALLOWED)
        for path in ("/metrics", "/readyz")
        for who in somebody
    ]
    # A token is not enough for gRPC: it takes the certificate of a neighbour's pod, too.
    call = f"/{service}.v1.Service/FindAll"
    asked += [Asked("POST", call, who, _NOT_ALLOWED, GRPC) for who in somebody]
    return asked


def _operation(rule: Rule) -> Iterator[Asked]:
    for method in SAFE if rule.method == "GET" else (rule.method,):
        path = _filled(rule.path)
        yield Asked(method, path, None, _PASSED if rule.is_public else _NOT_ALLOWED)
        for who, roles in tokens.ROLES.items():
            may = rule.is_public or {*roles} & {*rule.roles}
            yield Asked(method, path, who, _PASSED if may else _NOT_ALLOWED)
        for who in tokens.REFUSED:
            yield Asked(method, path, who, _refused(who))


def _of_the_other(rule: Rule, served: Sequence[Rule]) -> Iterator[Asked]:
    """Ask for what the other release serves: it is nobody's here."""
    if not any(one.method == rule.method for one in served):
        for who in (None, *tokens.ROLES):
            yield Asked(rule.method, _filled(rule.path), who, _NOT_ALLOWED)


def _known_only(method: str, path: str, who: str | None) -> Asked:
    right = _PASSED if who in tokens.ROLES else _refused(who)
    return Asked(method, path, who, right)


def _refused(who: str | None) -> int:
    """Return what Istio answers: a token for another audience is known, but not allowed."""
    return _NOT_ALLOWED if who in {None, "another audience's"} else _NOT_KNOWN


def _filled(path: str) -> str:
    return "/".join("7" if part.startswith("{") else part for part in path.split("/"))


def _ask(client: httpx.Client, asked: Asked) -> int:
    headers = {"authorization": f"Bearer {tokens.shown()[asked.who]}"} if asked.who else {}
    url = f"http://{ADDRESS}:{asked.port}{asked.path}"
    return client.request(asked.method, url, headers=headers).status_code


@contextmanager
def _proxied(service: str, role: str, text: str) -> Iterator[httpx.Client]:
    """Apply a release's policies in a namespace of their own, and put an Envoy there."""
    number = next(_ROUNDS)
    namespace = f"mesh-{number}"
    labels = {"app.kubernetes.io/name": service, "app.kubernetes.io/component": role}
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    try:
        _apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}])
        mine = [document for document in documents(text) if document["kind"] in _KINDS]
        for document in mine:
            document["metadata"]["namespace"] = namespace
        _apply([*mine, *listening(namespace, labels, upstream.server_port)])
        listens = f"{ADDRESS}:{HTTP}"
        proxy = Proxy("sidecar", namespace, labels, listens, _ADMIN + number % 100)
        with proxy.running(), httpx.Client() as client:
            yield client
    finally:
        upstream.shutdown()
        upstream.server_close()
        kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")


def _apply(resources: Sequence[Json]) -> None:
    done = kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(resources))
    if done.returncode:
        raise Missing(f"the mesh takes no resources: {done.stderr.strip()}")


class _Yes(BaseHTTPRequestHandler):
    """What stands behind the proxy: whatever comes through is fine."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(_PASSED)
        self.send_header("content-length", "0")
        self.end_headers()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 — as http.server wants

    def log_message(self, *_: object) -> None:
        pass
