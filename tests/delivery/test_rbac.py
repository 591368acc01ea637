"""Who may what in the cluster: the committed roles, asked of a real API server as each account."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tools.delivery.charts import render
from tools.delivery.cluster import kubectl
from tools.delivery.manifests import ROOT, documents

pytestmark = pytest.mark.skipif(
    not os.environ.get("KUBECONFIG"), reason="NOT ASKED: who may what needs a cluster"
)

HERE = f"ladder-rbac-{os.getpid()}"  # the pipeline's namespace, for this test
ELSEWHERE = "default"
TRIGGERS = f"system:serviceaccount:{HERE}:triggers"
PIPELINE = f"system:serviceaccount:{HERE}:pipeline"
ORDER = f"system:serviceaccount:{HERE}:order-command"
MANAGER = "ann --as-group=release-managers"

MATRIX = [
    # who, does what, to what, where, may they?
    (TRIGGERS, "create", "pipelineruns.tekton.dev", HERE, True),
    (TRIGGERS, "get", "eventlisteners.triggers.tekton.dev", HERE, True),
    (TRIGGERS, "list", "clusterinterceptors.triggers.tekton.dev", "", True),
    (TRIGGERS, "get", "secrets/gitea-webhook", HERE, True),
    (TRIGGERS, "get", "secrets/registry", HERE, False),
    (TRIGGERS, "list", "secrets", HERE, False),
    (TRIGGERS, "create", "pipelineruns.tekton.dev", ELSEWHERE, False),
    (TRIGGERS, "delete", "pipelineruns.tekton.dev", HERE, False),
    (TRIGGERS, "create", "pods", HERE, False),
    (TRIGGERS, "create", "rolebindings.rbac.authorization.k8s.io", HERE, False),
    (PIPELINE, "get", "secrets", HERE, False),
    (PIPELINE, "create", "pods", HERE, False),
    (PIPELINE, "create", "pipelineruns.tekton.dev", HERE, False),
    (PIPELINE, "patch", "deployments.apps", ELSEWHERE, False),
    (MANAGER, "create", "pipelineruns.tekton.dev", HERE, True),
    (MANAGER, "get", "pods/log", HERE, True),
    (MANAGER, "get", "secrets", HERE, False),
    (MANAGER, "create", "pods/exec", HERE, False),
    (MANAGER, "patch", "pipelines.tekton.dev", HERE, False),
    (ORDER, "get", "secrets", HERE, False),
    (ORDER, "get", "configmaps", HERE, False),
    (ORDER, "list", "pods", HERE, False),
    (ORDER, "impersonate", "users", "", False),
]


@pytest.fixture(scope="module", autouse=True)
def roles() -> Iterator[None]:
    """Make the pipeline's roles, and a release's account, for real, in a namespace of our own."""
    found = [
        document
        for file in sorted(Path(ROOT, "deploy/tekton/rbac").glob("*.yaml"))
        for document in documents(file.read_text("utf-8").replace("bookstore-ci", HERE))
    ]
    accounts = [
        document | {"metadata": {"name": document["metadata"]["name"], "namespace": HERE}}
        for document in documents(render("order", "command"))
        if document["kind"] == "ServiceAccount"
    ]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HERE}}
    text = yaml.safe_dump_all([namespace, *found, *accounts])
    made = kubectl("apply", "--server-side", "--filename=-", text=text)
    assert made.returncode == 0, made.stderr
    yield
    kubectl("delete", "--wait=false", "--ignore-not-found", "--filename=-", text=text)


@pytest.mark.parametrize(("who", "verb", "what", "where", "may"), MATRIX)
def test_who_may_what(who: str, verb: str, what: str, where: str, may: bool) -> None:  # noqa: FBT001 — a column of the table
    name, *groups = who.split(" ")
    place = [f"--namespace={where}"] if where else ["--all-namespaces"]
    resource, _, sub = what.partition("/")
    named = f"{resource}/{sub}" if sub and resource == "secrets" else resource
    more = [f"--subresource={sub}"] if sub and resource != "secrets" else []
    asked = kubectl("auth", "can-i", verb, named, f"--as={name}", *groups, *place, *more)
    assert asked.stdout.strip() == ("yes" if may else "no"), asked.stderr
