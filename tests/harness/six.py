"""The six services as processes that a test can kill, hold still, and start again.

Each is on a SQLite file of its own. Orders are accepted, but nobody works on their sagas: there
is no Conductor.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
from tests.harness.issuer import SECRET
from tests.harness.services import SIX
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD
from tools.servers.ports import free_port

_STARTER: Final = Path(__file__).parents[2] / "data/starter/books.json"
_PATIENCE_S: Final = 240  # for six to start at once on a busy machine


@dataclass
class Six:
    """Where each is, and its process. A name may be a second one of a service: `catalog-2`."""

    folder: Path
    settings: Mapping[str, str]
    http: dict[str, str] = field(default_factory=dict)
    rpc: dict[str, str] = field(default_factory=dict)
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def add(self, *names: str) -> None:
        """Give them addresses of their own."""
        for name in names:
            self.http[name] = f"127.0.0.1:{free_port()}"
            self.rpc[name] = f"127.0.0.1:{free_port()}"

    def url(self, name: str) -> str:
        """Return where its REST API is."""
        return f"http://{self.http[name]}"

    def start(self, name: str, **settings: str) -> None:
        """Start it; it is not waited for."""
        service = name.partition("-")[0]
        own = service.upper()
        everywhere = {
            f"{other.upper()}_RPC": ",".join(
                rpc for one, rpc in self.rpc.items() if one.partition("-")[0] == other
            )
            for other in SIX
        }
        here = {f"{own}_HTTP": self.http[name], f"{own}_RPC": self.rpc[name]}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", f"bookstore.{service}", "serve"],
                env={**self.settings, **everywhere, **here, **settings},
                stdout=log,
                stderr=log,
            )

    def await_ready(self, *names: str) -> None:
        """Wait until they say that they are ready."""
        end = time.monotonic() + _PATIENCE_S
        for name in names:
            while not _is_ready(self.url(name)):
                if self.processes[name].poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"{name} does not get ready:\n{self.log(name)[-3000:]}")
                time.sleep(0.05)

    def log(self, name: str) -> str:
        """Return what it has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def kill(self, name: str) -> None:
        """End it as a power cut would."""
        self.processes[name].kill()
        self.processes[name].wait()

    def hold(self, name: str) -> None:
        """Let it do nothing, though its connections stay."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def let_go(self, name: str) -> None:
        """Let it go on."""
        self.processes[name].send_signal(signal.SIGCONT)

    def tell_to_stop(self, name: str) -> None:
        """Ask it to end; it is not waited for."""
        self.processes[name].send_signal(signal.SIGTERM)


@contextmanager
def six(folder: Path, *others: str, **settings: str) -> Iterator[Six]:
    """Run the six until the block ends; `others` have addresses, but are not started."""
    folder.mkdir(exist_ok=True)
    known = {
        "SERVICE_SECRET": SECRET,
        "SERVICE_CLIENTS": ",".join(f"{name}:{SECRET}" for name in SIX),
        "CATALOG_STARTER": str(_STARTER),
        "SAGA_ENGINE": "conductor",
        "CONDUCTOR_URL": "http://127.0.0.1:1",
        "IDENTITY_STAFF_EMAIL": STAFF_EMAIL,
        "IDENTITY_STAFF_PASSWORD": STAFF_PASSWORD,
        "CARD_NETWORK_URL": f"sqlite:///{folder}/card-network.db",
        **{f"{name.upper()}_DATABASE_URL": f"sqlite:///{folder}/{name}.db" for name in SIX},
    }
    running = Six(folder, known | settings)
    running.add(*SIX, *others)
    running.settings = {"PUBLIC_URL": running.url("identity")} | dict(running.settings)
    try:
        for name in SIX:
            running.start(name)
        running.await_ready(*SIX)
        yield running
    finally:
        for process in running.processes.values():
            process.kill()
            process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False
