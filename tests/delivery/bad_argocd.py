"""Known-bad projects and applications of Argo CD: each a good one with one edit."""

from tests.delivery.bad import Bad, drop, in_document, put, swap
from tools.delivery.infra import kustomization, part
from tools.delivery.ladder import Rung

ALL = part("deploy/argocd", "deploy/argocd")
_SPEC = "spec.template.spec"

# fmt: off
BAD = [
    Bad("Kustomization", "a patch that is not there", kustomization("deploy/argocd"),
        lambda text: text + "patches: [{path: no.yaml}]\n",
        Rung.RENDER, "no.yaml"),
    Bad("AppProject", "any repository", ALL, put("AppProject", "spec.sourceRepos", ["*"]), Rung.POLICY, "sourceRepos admits anything"),
    Bad("AppProject", "any namespace", ALL, put("AppProject", "spec.destinations.0.namespace", "*"), Rung.POLICY, "destinations admits anything"),
    Bad("AppProject", "what is in no namespace", ALL,
        put("AppProject", "spec.clusterResourceWhitelist", [{"group": "", "kind": "Namespace"}]), Rung.POLICY, "admits what is not in a namespace"),
    Bad("AppProject", "secrets in a chart", ALL,
        in_document("AppProject", lambda d: d["spec"]["namespaceResourceWhitelist"].append({"group": "", "kind": "Secret"})), Rung.POLICY, "admits a Secret"),
    Bad("AppProject", "a pipeline that deletes", ALL,
        in_document("AppProject", lambda d: d["spec"]["roles"][0]["policies"].append("p, proj:bookstore:pipeline, applications, delete, bookstore/*, allow")),
        Rung.POLICY, "may delete applications"),
    Bad("ApplicationSet", "what is left stays", ALL, put("ApplicationSet", f"{_SPEC}.syncPolicy.automated.prune", False), Rung.POLICY, "automated.prune is off"),
    Bad("ApplicationSet", "what is changed by hand stays", ALL, drop("ApplicationSet", f"{_SPEC}.syncPolicy.automated.selfHeal"), Rung.POLICY, "automated.selfHeal is off"),
    Bad("ApplicationSet", "a branch that moves", ALL, put("ApplicationSet", f"{_SPEC}.sources.0.targetRevision", "main"), Rung.POLICY, "main of https://gitea.bookstore.example/bookstore/bookstore.git moves"),
    Bad("ApplicationSet", "the default project", ALL, put("ApplicationSet", f"{_SPEC}.project", "default"), Rung.POLICY, "project default is not here"),
    Bad("ApplicationSet", "a repository from elsewhere", ALL,
        put("ApplicationSet", f"{_SPEC}.sources.0.repoURL", "https://example.org/x.git"), Rung.POLICY, "the project does not admit https://example.org/x.git"),
    Bad("ApplicationSet", "another namespace", ALL, put("ApplicationSet", f"{_SPEC}.destination.namespace", "kube-system"), Rung.POLICY, "the project does not admit {'namespace': 'kube-system'"),
    Bad("ApplicationSet", "query before command", ALL, swap("wave: '1'", "wave: '-1'"), Rung.POLICY, "query does not come after command"),
    Bad("ApplicationSet", "one application for two roles", ALL, put("ApplicationSet", "spec.template.metadata.name", "{{ .service }}"), Rung.POLICY, "do not tell the role"),
    Bad("ApplicationSet", "a value that is missing", ALL, drop("ApplicationSet", "spec.goTemplateOptions"), Rung.POLICY, "becomes '<no value>'"),
    Bad("AppProject", "a field of no project", ALL, put("AppProject", "spec.sourceRepositories", ["https://x"]), Rung.SCHEMA, "sourceRepositories"),
    Bad("ApplicationSet", "a field of no policy", ALL, put("ApplicationSet", f"{_SPEC}.syncPolicy.automated.heal", True), Rung.SCHEMA, "heal"),
    Bad("ApplicationSet", "a number in words", ALL, put("ApplicationSet", f"{_SPEC}.syncPolicy.retry.limit", "five"), Rung.SCHEMA, "limit"),
    Bad("ApplicationSet", "a policy nobody knows", ALL, put("ApplicationSet", "spec.syncPolicy.applicationsSync", "always"), Rung.SCHEMA, "applicationsSync"),
    Bad("AppProject", "a label with a blank", ALL, put("AppProject", "metadata.labels", {"who": "a b"}), Rung.SERVER, "metadata.labels"),
    Bad("ApplicationSet", "a label that is a sentence", ALL, put("ApplicationSet", "metadata.labels", {"why": "because of that"}), Rung.SERVER, "metadata.labels"),
]
# fmt: on
