"""Known-bad infrastructure: Terraform's files, our charts for servers, their values, Kustomize."""

from tests.delivery.bad import Bad, drop, in_document, put, swap
from tools.delivery import terraform
from tools.delivery.infra import chart, kustomization, values_of
from tools.delivery.ladder import Rung

MYSQL, KEYCLOAK, CONDUCTOR = chart("mysql"), chart("keycloak"), chart("conductor")
FOUNDATION, ISSUERS, MONITORING = chart("foundation"), chart("issuers"), chart("monitoring")
VALUES = values_of("mysql")
VERSIONS = terraform.committed("infra/terraform/modules/versions/main.tf")
ACCESS = terraform.committed("infra/terraform/access/main.tf")
STORE = terraform.committed("infra/terraform/store/main.tf")
PLATFORM = terraform.committed("infra/terraform/platform/main.tf")
PROVIDERS = terraform.committed("infra/terraform/store/providers.tf")
KEYCLOAK_MODULE = terraform.committed("infra/terraform/modules/keycloak/main.tf")
GOOD = [FOUNDATION, ISSUERS, MONITORING, chart("postgres"), CONDUCTOR]
_POD = "spec.template.spec"
_CONTAINER = f"{_POD}.containers.0"

# fmt: off
BAD = [
    Bad("terraform", "a brace that is not closed", ACCESS, swap('provider "vault" {\n  skip_child_token = true\n}', 'provider "vault" {\n  skip_child_token = true\n'), Rung.RENDER, "Unclosed configuration block"),
    Bad("terraform", "not formatted", STORE, swap('  default     = "bookstore.example"', '  default = "bookstore.example"'), Rung.RENDER, "terraform fmt"),
    Bad("values", "a server without its image", VALUES, lambda text: text.replace("ports: { mysql: 3306 }", "ports: 3306"), Rung.RENDER, "range can't iterate over 3306"),
    Bad("Kustomization", "a patch for what is not there", kustomization("deploy/argocd"),
        lambda text: text + "patches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}'}]\n", Rung.RENDER, "no matches for Id ConfigMap"),
    Bad("terraform", "a chart in any version", VERSIONS, swap('"v1.21.2"', '">= v1.21"'), Rung.POLICY, "chart cert-manager: >= v1.21 is not one version"),
    Bad("terraform", "a chart over http", VERSIONS, swap('"https://charts.min.io"', '"http://charts.min.io"'), Rung.POLICY, "can be changed on the way"),
    Bad("terraform", "any provider will do", PROVIDERS, swap('version = "~> 3.1"', 'version = ">= 0"'), Rung.POLICY, "provider helm: any version will do"),
    Bad("terraform", "a secret in the state", ACCESS, lambda text: text + '\nresource "vault_kv_secret_v2" "root" {\n  mount     = vault_mount.kv.path\n  name      = "infra/mysql"\n  data_json = jsonencode({})\n}\n', Rung.POLICY, "its secret would be in the state"),
    Bad("terraform", "a password in the file", STORE, swap("    mode           = var.small", '    rootPassword   = "s3cr3t"\n    mode           = var.small'), Rung.POLICY, "a secret is written into it"),
    Bad("terraform", "a variable that is not declared", STORE, swap("storage = local.disk\n  nodes ", "storage = var.disk\n  nodes "), Rung.POLICY, "var.disk is not declared"),
    Bad("terraform", "a module that is not there", PLATFORM, swap("module.metallb]", "module.metal]"), Rung.POLICY, "module.metal is not there"),
    Bad("terraform", "a mount that is not there", ACCESS, swap("backend            = vault_mount.pki.path\n  name ", "backend            = vault_mount.certs.path\n  name "), Rung.POLICY, "vault_mount.certs is not there"),
    Bad("terraform", "an argument nobody asks for", STORE, swap("  email  = var.email\n}", "  email  = var.email\n  world  = true\n}"), Rung.POLICY, "nobody asks for world"),
    Bad("terraform", "an argument left out", PLATFORM, swap("  replicas   = min(var.replicas, 2)\n", ""), Rung.POLICY, "module istio: replicas is missing"),
    Bad("terraform", "a release that is not in the table", STORE, swap('name   = "gitea"', 'name   = "forgejo"'), Rung.POLICY, "forgejo is not in the version table"),
    Bad("terraform", "a module from elsewhere", STORE, swap('source = "../modules/issuers"', 'source = "terraform-iaac/cert-manager/kubernetes"'), Rung.POLICY, "is no folder of ours"),
    Bad("terraform", "a file that is not there", KEYCLOAK_MODULE, swap("/clients.sh", "/client.sh"), Rung.POLICY, "client.sh is not there"),
    Bad("StatefulSet", "a password in the environment", MYSQL,
        in_document("StatefulSet", lambda d: d["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "MYSQL_PASSWORD", "value": "x"})), Rung.POLICY, "MYSQL_PASSWORD is in its environment"),
    Bad("StatefulSet", "an image that moves", KEYCLOAK, put("StatefulSet", f"{_CONTAINER}.image", "quay.io/keycloak/keycloak"), Rung.POLICY, "has no tag of its own"),
    Bad("StatefulSet", "a root that can be written to", KEYCLOAK, drop("StatefulSet", f"{_CONTAINER}.securityContext.readOnlyRootFilesystem"), Rung.POLICY, "writes to its root file system"),
    Bad("StatefulSet", "never asked whether it lives", CONDUCTOR, drop("StatefulSet", f"{_CONTAINER}.livenessProbe"), Rung.POLICY, "has no livenessProbe"),
    Bad("Role", "the right to become another", ISSUERS, put("Role", "rules.0.verbs", ["create", "impersonate"]), Rung.POLICY, "may impersonate"),
    Bad("StatefulSet", "a number in words", MYSQL, put("StatefulSet", "spec.replicas", "one"), Rung.SCHEMA, "/spec/replicas"),
    Bad("StatefulSet", "a field of no container", MYSQL, put("StatefulSet", f"{_CONTAINER}.environment", {}), Rung.SCHEMA, "additional properties 'environment'"),
    Bad("ClusterIssuer", "an issuer of no kind", ISSUERS, put("ClusterIssuer", "spec.vaults", {}, name="internal"), Rung.SCHEMA, "additional properties 'vaults'"),
    Bad("ClusterIssuer", "no path to sign at", ISSUERS, drop("ClusterIssuer", "spec.vault.path", name="internal"), Rung.SCHEMA, "missing property 'path'"),
    Bad("PrometheusRule", "an alert without a question", MONITORING, drop("PrometheusRule", "spec.groups.0.rules.0.expr"), Rung.SCHEMA, "missing property 'expr'"),
    Bad("StatefulSet", "pods that are not its own", MYSQL, put("StatefulSet", "spec.selector.matchLabels.app~1kubernetes~1io/name", "mariadb"), Rung.SERVER, "spec.template.metadata.labels"),
    Bad("StatefulSet", "a volume that is not there", MYSQL, put("StatefulSet", f"{_CONTAINER}.volumeMounts.0.name", "scripts"), Rung.SERVER, "volumeMounts[0].name"),
    Bad("StatefulSet", "more asked for than allowed", KEYCLOAK, put("StatefulSet", f"{_CONTAINER}.resources.requests.memory", "2Gi"), Rung.SERVER, "must be less than or equal to memory limit"),
    Bad("Service", "a port that has two names", KEYCLOAK, put("Service", "spec.ports.1.name", "http"), Rung.SERVER, "spec.ports[1].name"),
    Bad("Job", "no time at all", KEYCLOAK, put("Job", "spec.activeDeadlineSeconds", -1), Rung.SERVER, "activeDeadlineSeconds"),
    Bad("Job", "one that never ends", MYSQL, put("Job", f"{_POD}.restartPolicy", "Always"), Rung.SERVER, "restartPolicy"),
    Bad("Namespace", "a level that is none", FOUNDATION, put("Namespace", "metadata.labels.pod-security~1kubernetes~1io/enforce", "strict", name="mysql"), Rung.SERVER, "pod-security.kubernetes.io/enforce"),
    Bad("ConfigMap", "a key that is no name", MONITORING, put("ConfigMap", "data.a b", "x"), Rung.SERVER, "a b"),
]
# fmt: on
