"""Some of the six services as processes of their own, each on a database of its own."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
from tools.servers.ports import free_port

SIX = ("catalog", "customer", "identity", "inventory", "order", "payment")
_PATIENCE_S = 60


@contextmanager
def serving(folder: Path, settings: Mapping[str, str], *names: str) -> Iterator[dict[str, str]]:
    """Serve these; yields where each one's REST API is. The others are away.

    At the end each is told to stop, and must do so well.
    """
    http = {name: f"127.0.0.1:{free_port()}" for name in names}
    environment = {
        **settings,
        **{f"{name.upper()}_HTTP": address for name, address in http.items()},
        **{f"{name.upper()}_RPC": f"127.0.0.1:{free_port()}" for name in SIX},
        **{f"{name.upper()}_DATABASE_URL": f"sqlite:///{folder}/{name}.db" for name in SIX},
    }
    urls = {name: f"http://{address}" for name, address in http.items()}
    with ExitStack() as stack:
        processes = []
        for name in names:
            serve = [sys.executable, "-m", f"bookstore.{name}", "serve"]
            process = subprocess.Popen(serve, env=environment)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
        for url in urls.values():
            until_ready(url, processes)
        yield urls
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(_PATIENCE_S) for process in processes] == [0] * len(processes)


def until_ready(url: str, processes: "list[subprocess.Popen[bytes]]") -> None:
    """Wait until the service at the URL is ready, while all the processes are alive."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and all(process.poll() is None for process in processes):
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} does not get ready")
