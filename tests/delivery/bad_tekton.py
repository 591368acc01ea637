"""Known-bad tasks, pipelines and triggers, up to Tekton's own webhook."""

from typing import Any

from tests.delivery.bad import Bad, Edit, drop, in_document, put, swap
from tools.delivery.infra import kustomization, part
from tools.delivery.ladder import Rung
from tools.delivery.manifests import committed

CATALOG = part("the catalog", "deploy/tekton", ("Task", "Pipeline"))
# Tekton Triggers is not in the cluster that tests this: its kinds are looked at up to their schema.
ALL = part("deploy/tekton", "deploy/tekton", below=Rung.SERVER)
RIGHTS = part(
    "the rights in bookstore-ci",
    "deploy/tekton",
    (
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
        "ServiceAccount",
        "NetworkPolicy",
    ),
)
RUN = committed("deploy/tekton/runs/by-hand.yaml")
GOOD = [RIGHTS]
EMPTY = """---
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: idle
  namespace: bookstore-ci
  labels: {app.kubernetes.io/version: "0.1"}
  annotations: {tekton.dev/pipelines.minVersion: 1.0.0}
spec: {steps: []}
"""


def task(name: str, path: str, value: object) -> Edit:
    return put("Task", f"spec.{path}", value, name=name)


def of_pipeline(name: str, change: Any) -> Edit:
    """Change one task of the pipeline."""

    def edit(document: Any) -> None:
        change(next(each for each in document["spec"]["tasks"] if each["name"] == name))

    return in_document("Pipeline", edit)


def step(name: str, number: int, /, **said: object) -> Edit:
    return in_document("Task", lambda d: d["spec"]["steps"][number].update(said), name=name)


def in_step(name: str, number: int, old: str, new: str) -> Edit:
    def change(document: Any) -> None:
        script = document["spec"]["steps"][number]["script"]
        assert script.count(old) == 1
        document["spec"]["steps"][number]["script"] = script.replace(old, new)

    return in_document("Task", change, name=name)


def same_place(document: Any) -> None:
    for workspace in document["spec"]["workspaces"]:
        workspace["mountPath"] = "/same"


# fmt: off
RENDER = [
    Bad("Kustomization", "a file that is not there", kustomization("deploy/tekton"),
        swap("catalog/make/0.1/make.yaml", "catalog/make/0.2/make.yaml"), Rung.RENDER, "make/0.2/make.yaml"),
    Bad("Kustomization", "a file twice", kustomization("deploy/tekton"),
        swap("  - namespace.yaml\n", "  - namespace.yaml\n  - rbac/triggers.yaml\n"), Rung.RENDER, "may not add resource with an already registered id"),
    Bad("Kustomization", "a name nobody knows", kustomization("deploy/tekton"),
        swap("resources:\n", "resource:\n"), Rung.RENDER, "unknown field"),
    Bad("PipelineRun", "one name twice", RUN,
        swap("  pipelineRef: { name: python-pipeline }\n", "  pipelineRef: { name: python-pipeline }\n  pipelineRef: { name: x }\n"), Rung.RENDER, "pipelineRef is said twice"),
]

POLICY = [
    Bad("Task", "a parameter that is not declared", CATALOG,
        drop("Task", "spec.params.1", name="make"), Rung.POLICY, "params.directory is not declared"),
    Bad("Task", "a parameter that does nothing", CATALOG,
        task("yq", "params.3", {"name": "indent", "default": "2"}), Rung.POLICY, "params.indent is never used"),
    Bad("Task", "a workspace that is not declared", CATALOG,
        drop("Task", "spec.workspaces.1", name="git-clone"), Rung.POLICY, "workspaces.credentials is not declared"),
    Bad("Task", "a result that nobody writes", CATALOG,
        task("make", "results", [{"name": "artifact"}]), Rung.POLICY, "results.artifact is never used"),
    Bad("Task", "a value pasted into a script", CATALOG,
        in_step("git-clone", 0, 'git remote add -- origin "$URL"', "git remote add origin $(params.url)"),
        Rung.POLICY, "a value is pasted into its script"),
    Bad("Task", "a script that goes on after an error", CATALOG,
        in_step("yq", 0, "set -eu\n", ""), Rung.POLICY, "goes on after an error"),
    Bad("Task", "a step as root", CATALOG,
        step("make", 0, securityContext={"runAsNonRoot": False, "runAsUser": 0}), Rung.POLICY, "step make: runs as root"),
    Bad("Task", "a capability too many", CATALOG,
        in_document("Task", lambda d: d["spec"]["steps"][0]["securityContext"]["capabilities"]["add"].append("SYS_ADMIN"), name="kaniko"),
        Rung.POLICY, "adds SYS_ADMIN"),
    Bad("Task", "an image that moves", CATALOG,
        step("kaniko", 0, image="ghcr.io/osscontainertools/kaniko:latest"), Rung.POLICY, "has no tag of its own"),
    Bad("Task", "no bound to its memory", CATALOG,
        step("git-cli", 0, computeResources={"requests": {"cpu": "1", "memory": "1Gi"}}), Rung.POLICY, "computeResources.limits.memory is missing"),
    Bad("Task", "no version", CATALOG,
        drop("Task", "metadata.labels", name="make"), Rung.POLICY, "does not say its version"),
    Bad("Task", "a result of a later step", CATALOG,
        step("kaniko", 2, args=["$(steps.push.results.digest)"]), Rung.POLICY, "no step push gave a digest before"),
    Bad("Pipeline", "a task that is not in the catalog", CATALOG,
        of_pipeline("build-image", lambda t: t["taskRef"].update(name="buildah")), Rung.POLICY, "there is no task buildah"),
    Bad("Pipeline", "a parameter left out", CATALOG,
        of_pipeline("commit-deploy-repo", lambda t: t["params"].pop(1)), Rung.POLICY, "params.message is missing"),
    Bad("Pipeline", "a parameter nobody asks for", CATALOG,
        of_pipeline("sync-app", lambda t: t["params"].append({"name": "prune", "value": "true"})), Rung.POLICY, "nobody asks for params.prune"),
    Bad("Pipeline", "a result that does not exist", CATALOG,
        of_pipeline("update-values", lambda t: t["params"][2]["value"].append("X=$(tasks.build-image.results.sha)")),
        Rung.POLICY, "task build-image has no result sha"),
    Bad("Pipeline", "a clone over another", CATALOG,
        of_pipeline("clone-deploy-repo", lambda t: t["workspaces"][0].update(workspace="source")), Rung.POLICY, "overwrites clone-source-repo's clone"),
    Bad("Pipeline", "two that write at once", CATALOG,
        of_pipeline("update-values", lambda t: t.pop("runAfter")),
        Rung.POLICY, "write deploy at once"),
    Bad("Pipeline", "a workspace that nobody sees", CATALOG,
        in_document("Pipeline", lambda d: d["spec"]["workspaces"].append({"name": "cache"})), Rung.POLICY, "workspaces.cache is declared or used, but not both"),
    Bad("EventListener", "nobody checks the signature", ALL,
        in_document("EventListener", lambda d: d["spec"]["triggerGroups"][0]["interceptors"].pop(0)), Rung.POLICY, "nobody checks the signature first"),
    Bad("EventListener", "a push to any branch", ALL,
        swap("body.ref == 'refs/heads/main' &&", "true &&"), Rung.POLICY, "takes a push to any branch"),
    Bad("TriggerTemplate", "a workspace left out", ALL,
        in_document("TriggerTemplate", lambda d: d["spec"]["resourcetemplates"][0]["spec"]["workspaces"].pop(4)), Rung.POLICY, "workspaces.signing is missing"),
    Bad("TriggerBinding", "less than the template wants", ALL,
        drop("TriggerBinding", "spec.params.1"), Rung.POLICY, "params.revision is given or wanted, but not both"),
    Bad("Role", "a star", ALL, put("Role", "rules.1.verbs", ["*"], name="triggers"), Rung.POLICY, "verbs has a star"),
    Bad("Role", "every secret", ALL, drop("Role", "rules.2.resourceNames", name="triggers"), Rung.POLICY, "reads every secret"),
    Bad("RoleBinding", "an administrator", ALL,
        put("RoleBinding", "roleRef", {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}, name="triggers"),
        Rung.POLICY, "grants cluster-admin"),
]

SCHEMA = [
    Bad("Task", "a field of no step", CATALOG, step("make", 0, resources={}), Rung.SCHEMA, "additional properties 'resources'"),
    Bad("Task", "a number for a text", CATALOG, task("make", "displayName", 3), Rung.SCHEMA, "/spec/displayName"),
    Bad("Pipeline", "a number in words", CATALOG, of_pipeline("clone-source-repo", lambda t: t.update(retries="two")), Rung.SCHEMA, "/retries"),
    Bad("NetworkPolicy", "a field of no peer", RIGHTS,
        put("NetworkPolicy", "spec.ingress.0.from.0.namespace", "gitea", name="gitea-calls-the-listener"), Rung.SCHEMA, "additional properties 'namespace'"),
    Bad("ServiceAccount", "no in words", RIGHTS, put("ServiceAccount", "automountServiceAccountToken", "no"), Rung.SCHEMA, "/automountServiceAccountToken"),
]

SERVER = [
    Bad("Role", "a rule that allows nothing", RIGHTS, put("Role", "rules.1.verbs", [], name="triggers"), Rung.SERVER, "verbs"),
    Bad("Role", "a path of the server's in a namespace", RIGHTS,
        put("Role", "rules.4.nonResourceURLs", ["/metrics"], name="triggers"), Rung.SERVER, "namespaced rules cannot apply to non-resource URLs"),
    Bad("RoleBinding", "a subject of no group", RIGHTS,
        put("RoleBinding", "subjects.0.apiGroup", "apps", name="triggers"), Rung.SERVER, "subjects[0].apiGroup"),
    Bad("NetworkPolicy", "a port that cannot be", RIGHTS,
        put("NetworkPolicy", "spec.ingress.0.ports.0.port", 80800, name="gitea-calls-the-listener"), Rung.SERVER, "ports[0].port"),
    Bad("NetworkPolicy", "a type that is none", RIGHTS,
        put("NetworkPolicy", "spec.policyTypes", ["Sideways"], name="nobody-calls-a-step"), Rung.SERVER, "policyTypes"),
    Bad("ServiceAccount", "a name in capitals", RIGHTS, put("ServiceAccount", "metadata.name", "Pipeline", name="pipeline"), Rung.SERVER, "metadata.name"),
]

WEBHOOK = [
    Bad("Pipeline", "after a task that is not there", CATALOG,
        of_pipeline("sync-app", lambda t: t.update(runAfter=["update-apps"])), Rung.WEBHOOK, "update-apps"),
    Bad("Pipeline", "a circle", CATALOG, of_pipeline("clone-source-repo", lambda t: t.update(runAfter=["sync-app"])), Rung.WEBHOOK, "cycle detected"),
    Bad("Pipeline", "two tasks of one name", CATALOG, of_pipeline("update-app", lambda t: t.update(name="sync-app", runAfter=["commit-deploy-repo"])), Rung.WEBHOOK, "sync-app is already present"),
    Bad("Pipeline", "an operator nobody knows", CATALOG,
        of_pipeline("sync-app", lambda t: t.update(when=[{"input": "a", "operator": "equals", "values": ["a"]}])), Rung.WEBHOOK, "equals"),
    Bad("Pipeline", "a task both by name and written out", CATALOG,
        of_pipeline("sync-app", lambda t: t.update(taskSpec={"steps": [{"name": "x", "image": "a:1"}]})), Rung.WEBHOOK, "expected exactly one, got multiple"),
    Bad("Pipeline", "a list for one value", CATALOG,
        of_pipeline("build-image", lambda t: t["params"][0].update(value="six-$(params.targets[*])")), Rung.WEBHOOK, "targets"),
    Bad("Task", "no step at all", CATALOG,
        lambda text: text + EMPTY, Rung.WEBHOOK, "steps"),
    Bad("Task", "two steps of one name", CATALOG, step("kaniko", 3, name="list"), Rung.WEBHOOK, "got both: spec.steps[3].name"),
    Bad("Task", "a list within a word", CATALOG, step("make", 0, args=["all-$(params.targets[*])"]), Rung.WEBHOOK, "targets"),
    Bad("Task", "a list by default for a text", CATALOG, task("yq", "params.0.default", ["a"]), Rung.WEBHOOK, "file"),
    Bad("Task", "a kind of result that is none", CATALOG, task("git-clone", "results.0.type", "map"), Rung.WEBHOOK, "type must be string"),
    Bad("Task", "two workspaces in one place", CATALOG,
        in_document("Task", same_place, name="git-clone"), Rung.WEBHOOK, "must be unique"),
    Bad("Task", "two volumes of one name", CATALOG,
        in_document("Task", lambda d: d["spec"]["volumes"].append({"name": "tmp", "emptyDir": {}}), name="make"), Rung.WEBHOOK, "volumes"),
    Bad("Task", "what to do on an error, in no word it knows", CATALOG, step("yq", 0, onError="ignore"), Rung.WEBHOOK, "must be either"),
    Bad("PipelineRun", "a pipeline both by name and written out", RUN,
        put("PipelineRun", "spec.pipelineSpec", {"tasks": []}), Rung.WEBHOOK, "expected exactly one, got both"),
    Bad("PipelineRun", "a workspace from two places", RUN,
        put("PipelineRun", "spec.workspaces.2.emptyDir", {}), Rung.WEBHOOK, "workspaces"),
    Bad("PipelineRun", "its tasks may take longer than it", RUN,
        put("PipelineRun", "spec.timeouts", {"pipeline": "10m", "tasks": "1h"}), Rung.WEBHOOK, "timeouts.tasks"),
    Bad("PipelineRun", "one parameter twice", RUN,
        in_document("PipelineRun", lambda d: d["spec"]["params"].append({"name": "tag", "value": "b"})), Rung.WEBHOOK, "tag"),
]
# fmt: on

BAD = [*RENDER, *POLICY, *SCHEMA, *SERVER, *WEBHOOK]
