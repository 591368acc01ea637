"""Rung 5, of routes: which release an Envoy sends a request to, and whether it sends it again.

The Envoy is a gateway that istiod configures from a command release's own VirtualService; behind
it are two servers that tell which of the two they are, and one that hangs up on the first try.
"""

import functools
import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias

import httpx
import yaml
from tools.delivery.charts import ROLES, release
from tools.delivery.cluster import kubectl
from tools.delivery.ladder import Good, Missing, Rung
from tools.delivery.manifests import documents
from tools.delivery.proxy import Proxy
from tools.edge.routes import SAFE, Rule, prefixes, rules

Json: TypeAlias = dict[str, Any]

_HOST: Final = "books.example"
_PORT: Final = 18080
_ADMIN: Final = 15200
_LABELS: Final = {"istio": "ingress"}
_ROUNDS = itertools.count(1)


def routed(service: str) -> Good:
    """Return a command release whose routes are tried as the last rung."""
    good = release(service, "command")
    lost = functools.partial(lost_requests, service)
    return Good(f"routes of {service}", good.read, {**good.checks, Rung.MESH: lost})


def lost_requests(service: str, text: str) -> Iterator[str]:
    """Say which requests the gateway sends elsewhere than the specification wants."""
    own = [rule for rule in rules() if rule.service == service]
    with _gateway(service, text) as (client, upstreams):
        for rule in own:
            wanted = "query" if rule.reads else "command"
            for method in SAFE if rule.method == "GET" else (rule.method,):
                got = _who(client.request(method, _filled(rule)))
                if got != wanted:
                    yield f"{method} {rule.path} goes to {got}, but is {wanted}'s"
        near = [f"{prefix}-of-another" for prefix, whose in prefixes().items() if whose == service]
        for path in ("/metrics", "/nothing", *near):
            if (status := client.get(path).status_code) != httpx.codes.NOT_FOUND:
                yield f"GET {path}: {status}, but it is nobody's"
        yield from _sent_again(client, upstreams, own)


def _sent_again(
    client: httpx.Client, upstreams: Sequence["_Upstream"], own: Sequence[Rule]
) -> Iterator[str]:
    """Try each kind of request on a server that hangs up, and count what arrives."""
    for rule in own:
        safe = rule.method in SAFE
        for upstream in upstreams:
            upstream.hang_up()
        client.request(rule.method, _filled(rule))
        tries = sum(upstream.tries for upstream in upstreams)
        if safe and tries == 1:
            yield f"{rule.method} {rule.path} is not sent again"
        if not safe and tries != 1:
            yield f"{rule.method} {rule.path} is sent {tries} times"
    for upstream in upstreams:
        upstream.answer()


def _who(answer: httpx.Response) -> str:
    return str(answer.headers.get("x-answered-by", f"nobody ({answer.status_code})"))


def _filled(rule: Rule) -> str:
    return "/".join("7" if part.startswith("{") else part for part in rule.path.split("/"))


@contextmanager
def _gateway(service: str, text: str) -> Iterator[tuple[httpx.Client, Sequence["_Upstream"]]]:
    number = next(_ROUNDS)
    namespace = f"routes-{number}"
    mine = [it for it in documents(text) if it["kind"] == "VirtualService"]
    with ExitStack() as stack:
        upstreams = [stack.enter_context(_Upstream(role).running()) for role in ROLES]
        stack.callback(kubectl, "delete", "namespace", namespace, "--wait=false")
        _apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}])
        places = [_place(service, upstream, namespace) for upstream in upstreams]
        _apply([_door(namespace), *places, *(_moved(it, namespace) for it in mine)])
        listens = f"0.0.0.0:{_PORT}"
        proxy = Proxy("router", namespace, _LABELS, listens, _ADMIN + number % 100)
        stack.enter_context(proxy.running())
        client = httpx.Client(base_url=f"http://127.0.0.1:{_PORT}", headers={"host": _HOST})
        yield stack.enter_context(client), upstreams


def _door(namespace: str) -> Json:
    """Return a gateway in plain text: the charts' own has a certificate, for pods alone."""
    server = {"port": {"number": _PORT, "name": "http", "protocol": "HTTP"}, "hosts": [_HOST]}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "bookstore", "namespace": namespace},
        "spec": {"selector": dict(_LABELS), "servers": [server]},
    }


def _place(service: str, upstream: "_Upstream", namespace: str) -> Json:
    """Return a release's address: a process of ours, in place of pods."""
    name = f"{service}-{upstream.role}"
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "hosts": [f"{name}.{namespace}.svc.cluster.local"],
            "resolution": "STATIC",
            "location": "MESH_EXTERNAL",
            "ports": [{"number": 8080, "name": "http", "protocol": "HTTP"}],
            "endpoints": [{"address": "127.0.0.1", "ports": {"http": upstream.port}}],
        },
    }


def _moved(document: Json, namespace: str) -> Json:
    """Return a resource as it would be in another namespace."""
    text = yaml.safe_dump(document | {"metadata": {"name": document["metadata"]["name"]}})
    moved: Json = yaml.safe_load(text.replace(".bookstore.svc.", f".{namespace}.svc."))
    moved["metadata"]["namespace"] = namespace
    return moved


def _apply(resources: Sequence[Json]) -> None:
    done = kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(resources))
    if done.returncode:
        raise Missing(f"the mesh takes no resources: {done.stderr.strip()}")


class _Upstream:
    """A server that says who it is, or hangs up."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.tries = 0
        self._hangs_up = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def port(self) -> int:
        """Return where it listens."""
        return self._server.server_port

    @contextmanager
    def running(self) -> Iterator["_Upstream"]:
        """Serve until the block ends."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def hang_up(self) -> None:
        """Hang up on every request from now on, and count them."""
        self.tries, self._hangs_up = 0, True

    def answer(self) -> None:
        """Answer again."""
        self._hangs_up = False

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                upstream.tries += 1
                if upstream._hangs_up:
                    self.close_connection = True
                    return
                self.send_response(httpx.codes.OK)
                self.send_header("x-answered-by", upstream.role)
                self.send_header("content-length", "0")
                self.end_headers()

            do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 — as http.server wants it

            def log_message(self, *_: object) -> None:
                pass

        return Handler
