"""The edge: a real Envoy on the configuration that is made of the specifications."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from tools.edge.envoy import ROLES, Edge
from tools.edge.routes import rules, services
from tools.servers.envoy import missing, running_edge
from tools.servers.ports import free_port

ISSUER = "https://books.example/realms/bookstore"
KEY, STRANGER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


class _Upstream(BaseHTTPRequestHandler):
    """Answers whatever is asked with who was asked, and what for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/keys":
            return self._say({"keys": [_public_key()]})
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        return self._say(
            {
                "role": int(self.connection.getsockname()[1]),
                "path": self.path,
                "forwarded": self.headers.get("x-forwarded-for"),
                "token": self.headers.get("authorization"),
            }
        )

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 — as http.server wants it

    def _say(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _public_key() -> dict[str, object]:
    key: dict[str, object] = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
    return key | {"kid": "k", "alg": "ES256", "use": "sig"}


@dataclass(frozen=True)
class World:
    edge: httpx.Client
    names: dict[int, str]

    def asked(self, method: str, path: str, token: str | None = None) -> str:
        """Return who answered, or the status and code of the refusal."""
        answer = self.ask(method, path, token)
        if answer.status_code == 200:
            return self.names[answer.json()["role"]]
        return f"{answer.status_code} {answer.json()['code']}"

    def ask(self, method: str, path: str, token: str | None = None) -> httpx.Response:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return self.edge.request(method, path, headers=headers)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if reason := missing():
        pytest.skip(f"NOT TESTED AT A REAL EDGE: {reason}")
    servers = {
        f"{service}-{role}": ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
        for service in services()
        for role in ROLES
    } | {"keycloak": ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = {name: server.server_port for name, server in servers.items()}
    edge = Edge(
        listen=("127.0.0.1", free_port()),
        admin=("127.0.0.1", free_port()),
        upstreams={
            name: [("127.0.0.1", port)] for name, port in ports.items() if name != "keycloak"
        },
        issuer=ISSUER,
        audience="bookstore",
        keys=(("127.0.0.1", ports["keycloak"]), "/keys"),
        realm=("127.0.0.1", ports["keycloak"]),
    )
    with (
        running_edge(edge, Path(tmp_path_factory.mktemp("edge"))) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield World(client, {port: name for name, port in ports.items()})
    for server in servers.values():
        server.shutdown()
        server.server_close()


def token(**changes: Any) -> str:
    key, algorithm = changes.pop("key", KEY), changes.pop("algorithm", "ES256")
    claims = {"iss": ISSUER, "aud": "bookstore", "sub": "u", "exp": int(time.time()) + 600}
    return jwt.encode(claims | changes, key, algorithm, headers={"kid": "k"})


def filled(path: str) -> str:
    return "/".join("7" if part.startswith("{") else part for part in path.split("/"))


def test_every_operation_reaches_its_service_and_the_fitting_role(world: World) -> None:
    good = token()
    for rule in rules():
        wanted = f"{rule.service}-{'query' if rule.reads else 'command'}"
        assert world.asked(rule.method, filled(rule.path), good) == wanted, rule


def test_without_a_token_only_what_is_public_passes(world: World) -> None:
    for rule in rules():
        got = world.asked(rule.method, filled(rule.path))
        refused = got == "401 token-refused"
        assert refused is not rule.is_public, (rule, got)


@pytest.mark.parametrize(
    "bad",
    [
        {"key": STRANGER},
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"exp": int(time.time()) - 300},
        {"key": None, "algorithm": "none"},
        {"key": "k" * 32, "algorithm": "HS256"},
    ],
    ids=["another key", "another issuer", "another audience", "expired", "unsigned", "symmetric"],
)
def test_a_bad_token_is_refused_even_where_none_is_needed(world: World, bad: Any) -> None:
    for method, path in (("GET", "/api/v1/orders"), ("GET", "/api/v1/books")):
        answer = world.ask(method, path, token(**bad))
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "token-refused"


def test_a_good_token_is_passed_on(world: World) -> None:
    good = token()
    assert world.ask("GET", "/api/v1/orders", good).json()["token"] == f"Bearer {good}"


def test_people_sign_in_at_the_issuers_own_pages_and_nobody_administers_it(world: World) -> None:
    for path in ("/realms/bookstore/account", "/resources/logo.png"):
        assert world.asked("GET", path) == "keycloak"
    for path in ("/admin/", "/realms/master", "/realms/bookstores", "/health"):
        assert world.asked("GET", path) == "404 route-not-found"


@pytest.mark.parametrize(
    "path", ["/metrics", "/", "/api/v1/nothing", "/api/v1/ordersX", "/grpc.health.v1.Health/Check"]
)
def test_what_nobody_promised_is_not_there(world: World, path: str) -> None:
    assert world.asked("GET", path) == "404 route-not-found"


def test_a_path_in_disguise_opens_nothing(world: World) -> None:
    for path in ("/api/v1/books/../orders", "/api/v1/books/%2e%2e/orders", "/api/v1//orders"):
        assert world.ask("GET", path).status_code in {400, 401, 404}, path


def test_where_a_request_comes_from_is_not_for_the_client_to_say(world: World) -> None:
    answer = world.edge.get("/api/v1/books", headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.json()["forwarded"].split(",")[-1].strip() != "203.0.113.9"
