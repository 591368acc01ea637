"""What asks a container how it is: it believes a 200 and nothing else."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tools.servers.ports import free_port

ROOT = Path(__file__).parents[2]
ASKING = {
    "ours": [sys.executable, "-IS", str(ROOT / "tools/images/answers.py")],
    "shell": ["/bin/bash", str(ROOT / "deploy/compose/answers.sh")],
}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()
        self.wfile.write(b"200 is what it is not")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(asking: str, port: int, path: str) -> int:
    command = [*ASKING[asking], str(port), path]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("asking", ASKING)
def test_only_a_200_is_healthy(asking: str, port: int) -> None:
    codes = [asked(asking, port, f"/{status}") for status in (200, 204, 404, 503)]

    assert codes == [0, 1, 1, 1]


@pytest.mark.parametrize("asking", ASKING)
def test_who_does_not_answer_is_not_healthy(asking: str) -> None:
    assert asked(asking, free_port(), "/200") == 1
