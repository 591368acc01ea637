"""The store in a cluster: the six charts, twice each, and its servers beside it as managed ones.

MariaDB, Conductor and Keycloak are processes on this machine; a Service with an EndpointSlice is
what pods know of each. An Envoy of ours is the edge. The images have to be on the node already,
as `bookstore-<service>:<tag>` (IMAGE_TAG, by default the charts' version).
"""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from tests.harness.forward import forwarded
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD, bookstore
from tools.delivery.charts import ROLES, SERVICES, with_library
from tools.delivery.cluster import kubectl
from tools.delivery.install import program
from tools.distributed.databases import make_databases
from tools.distributed.plan import DATABASES
from tools.edge.envoy import Edge
from tools.servers import mysql
from tools.servers.conductor import ConductorServer
from tools.servers.envoy import running_edge
from tools.servers.keycloak import SECRETS, Keycloak
from tools.servers.ports import free_port

Json = dict[str, Any]
NAMESPACE = "bookstore"
REALM = "http://keycloak.keycloak.svc.cluster.local:8080/realms/bookstore"
SEVERAL = ("catalog", "order", "payment")  # services of two pods per release, the others have one
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def told(command: list[str], **environment: str) -> str:
    """Run a command that has to succeed, and return what it says."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ) | environment
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Cluster:
    """Where the store is, where its charts are, and whose databases it has."""

    url: str
    charts: Path
    values: Path
    databases: Mapping[str, str]

    def helm(self, *words: str) -> str:
        """Run helm in the charts' folder."""
        return told(["env", "-C", str(self.charts), program("helm"), "-n", NAMESPACE, *words])

    def install(self, service: str, role: str, *more: str) -> str:
        """Install a release, or upgrade it, and wait until it is ready."""
        own = f"{service}/values-{role}.yaml"
        files = ("-f", own, "-f", str(self.values))
        name = f"{service}-{role}"
        several = [f"--set=replicas={2 if service in SEVERAL else 1}"]
        if (service, role) == ("identity", "command"):
            several.append(f"--set=settings.STAFF_EMAIL={STAFF_EMAIL}")
        how = ("--wait", "--timeout=300s", *several, *more)
        return self.helm("upgrade", "--install", name, service, *files, *how)

    def pods(self) -> list[str]:
        """Return the names of the store's pods."""
        found = kubectl("-n", NAMESPACE, "get", "pods", "-o", "json")
        return [
            pod["metadata"]["name"]
            for pod in json.loads(found.stdout)["items"]
            if pod["metadata"]["labels"].get("app.kubernetes.io/component")
            in {"command", "query", "worker"}
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `bookstore …` on it."""
        urls = {f"{name.upper()}_DATABASE_URL": url for name, url in self.databases.items()}
        environment = {
            "CARD_NETWORK_URL": self.databases["card_network"],
            "BOOKSTORE_URL": self.url,
            "BOOKSTORE_STAFF_EMAIL": STAFF_EMAIL,
            "BOOKSTORE_STAFF_PASSWORD": STAFF_PASSWORD,
        }
        return subprocess.run(
            bookstore(*words),
            env=dict(os.environ) | urls | environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )


@contextmanager
def in_cluster(folder: Path, conductor: ConductorServer, keycloak: Keycloak) -> Iterator[Cluster]:
    """Install the store in the cluster of KUBECONFIG, until the block ends."""
    with ExitStack() as stack:
        data = folder / "mariadb"
        data.mkdir()
        database = stack.enter_context(mysql.running("mariadb", data))
        passwords = {name: secrets.token_urlsafe(18) for name in DATABASES}
        urls = make_databases(database.port, secrets.token_urlsafe(18), passwords)
        for name in (NAMESPACE, "mysql", "conductor", "keycloak"):
            _make(_namespace(name))
            stack.callback(kubectl, "delete", "namespace", name, "--wait=false")
        beside = {"mysql": (3306, database.port), "conductor": (8080, conductor.port)}
        beside["keycloak"] = (8080, keycloak.port)
        for name, (port, here) in beside.items():
            there = stack.enter_context(forwarded(_address(), here))
            _make(*_beside(name, port, there))
        for service in SERVICES:
            _make(_secret(service, urls))
        values = folder / "values.yaml"
        values.write_text(yaml.safe_dump(_values()), encoding="utf-8")
        cluster = Cluster("", with_library(folder / "charts"), values, urls)
        for service in ("identity", "inventory", "catalog", "payment", "order", "customer"):
            cluster.install(service, "command")
        with ThreadPoolExecutor() as pool:
            [*pool.map(lambda service: cluster.install(service, "query"), SERVICES)]
        cluster.url = stack.enter_context(running_edge(_edge(keycloak), folder))
        yield cluster


def _values() -> Json:
    small = {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "384Mi"}}
    return {
        "image": {
            "registry": "",
            "tag": os.environ.get("IMAGE_TAG", ""),
            "pullPolicy": "Never",
        },
        "mesh": {"enabled": False},
        "secrets": {"source": "kubernetes"},
        "oidc": {"issuer": REALM, "url": REALM},
        "scaling": {"enabled": False},
        "replicas": 1,
        "resources": small,
        "worker": {"replicas": 1, "resources": small},
        "telemetry": {"endpoint": "", "logLevel": "INFO"},
        "trustedProxies": [f"{_address()}/32"],
    }


def _secret(service: str, urls: Mapping[str, str]) -> Json:
    """Return a service's secrets, by the names that its chart reads them by."""
    url = f"mysql.mysql.svc.cluster.local:3306/{service}"
    at = urlsplit(urls[service])
    network = urlsplit(urls["card_network"])
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{service}-secrets", "namespace": NAMESPACE},
        "stringData": {
            "database-url": f"mysql://{at.username}:{at.password}@{url}",
            "database-replica-url": f"mysql://{at.username}:{at.password}@{url}",
            "card-network-url": f"mysql://{network.username}:{network.password}"
            "@mysql.mysql.svc.cluster.local:3306/card_network",
            "service-secret": SECRETS[service],
            "conductor-url": "http://conductor.conductor.svc.cluster.local:8080",
            "webhook-secret": secrets.token_hex(32),
            "staff-password": STAFF_PASSWORD,
        },
    }


def _edge(keycloak: Keycloak) -> Edge:
    return Edge(
        listen=("127.0.0.1", free_port()),
        admin=("127.0.0.1", free_port()),
        upstreams={
            f"{service}-{role}": [(_cluster_ip(f"{service}-{role}"), 8080)]
            for service in SERVICES
            for role in ROLES
        },
        issuer=REALM,
        audience="bookstore",
        keys=(
            ("127.0.0.1", keycloak.port),
            "/realms/bookstore/protocol/openid-connect/certs",
        ),
    )


def _cluster_ip(service: str) -> str:
    where = ("-n", NAMESPACE, "get", "service", service, "-o", "jsonpath={.spec.clusterIP}")
    return kubectl(*where).stdout.strip()


def _address() -> str:
    """Return where pods reach this machine: BESIDE, or else the node's own address."""
    path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
    return (
        os.environ.get("BESIDE")
        or kubectl("get", "nodes", "-o", f"jsonpath={path}").stdout.strip()
    )


def _namespace(name: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": _RESTRICTED},
    }


def _beside(name: str, port: int, there: int) -> tuple[Json, Json]:
    """Return a Service for a server that is no pod, as for a managed one."""
    meta = {"name": name, "namespace": name}
    return (
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta,
            "spec": {"ports": [{"name": "it", "port": port}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": meta | {"labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "ports": [{"name": "it", "port": there}],
            "endpoints": [{"addresses": [_address()]}],
        },
    )


def _make(*resources: Json) -> None:
    done = kubectl("apply", "--server-side", "--filename=-", text=yaml.safe_dump_all(resources))
    assert done.returncode == 0, done.stderr
