"""A stand-in for Argo CD's API: what it keeps is in memory, what it does is said by the test.

It knows the four calls that our tasks make, asks for the token, and answers as Argo CD does: 404
for an application that is not there, 400 with a message where an operation is in progress.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
TOKEN = "a-token-for-tests"
BUSY = {"error": "another operation is already in progress", "code": 9}


@dataclass
class ArgoCD:
    """`on_upsert` and `on_sync` change `applications` as the controllers would."""

    applications: dict[str, Json] = field(default_factory=dict)
    definitions: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    on_upsert: Callable[["ArgoCD"], None] = lambda _self: None
    on_sync: Callable[["ArgoCD", str], tuple[int, Json]] = lambda _self, _name: (200, {})

    def answer(self, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        """Return what Argo CD says."""
        self.asked.append(f"{method} {path}")
        match (method, *path.removeprefix("/api/v1/").split("/")):
            case "POST", "applicationsets?upsert=true" if body:
                self.definitions.append(body)
                self.on_upsert(self)
                return 200, body
            case "GET", "applications", name if name in self.applications:
                return 200, self.applications[name]
            case "POST", "applications", name, "sync" if name in self.applications:
                return self.on_sync(self, name)
        return 404, {"error": "not found", "code": 5}

    @contextmanager
    def serving(self, host: str = "127.0.0.1") -> Iterator[str]:
        """Serve at a free port; yields the address."""
        argocd = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self.answer(json.loads(self.rfile.read(length) or b"{}"))

            def answer(self, body: Json | None) -> None:
                status, said = 401, {"error": "no session information"}
                if self.headers.get("Authorization") == f"Bearer {TOKEN}":
                    status, said = argocd.answer(self.command, self.path, body)
                payload = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer((host, 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def application(
    revision: str,
    *,
    phase: str = "Succeeded",
    sync: str = "Synced",
    health: str = "Healthy",
    message: str = "",
) -> Json:
    """Return an application of two sources, as the API shows it."""
    return {
        "spec": {"sources": [{"targetRevision": revision}, {"targetRevision": "main"}]},
        "status": {
            "sync": {"status": sync},
            "health": {"status": health},
            "operationState": {
                "phase": phase,
                "message": message,
                "syncResult": {"revisions": [revision, "the deploy repository's"]},
            },
        },
    }
