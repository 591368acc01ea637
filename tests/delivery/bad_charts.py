"""Known-bad releases of the six charts, up to the API server: each a good one with one edit."""

from tests.delivery.bad import Bad, Json, drop, in_document, put, swap
from tools.delivery.charts import ROLES, SERVICES, release, values_of
from tools.delivery.ladder import Good, Rung

COMMAND = release("order", "command")
QUERY = release("order", "query")
GATE = release("catalog", "command")
WATCHED = release("payment", "command", "monitoring: { enabled: true }")

_POD = "spec.template.spec"
_CONTAINER = f"{_POD}.containers.0"
_VAULT = "spec.template.metadata.annotations.vault~1hashicorp~1com/"


def _said(rule: str, more: str, says: str) -> Bad:
    """A value that the charts' schema refuses, or that they cannot render."""
    good = values_of("order", "command")
    return Bad("values", rule, good, lambda text: text + more, Rung.RENDER, says)


def _without_role(text: str) -> str:
    return text.replace("role: command\n", "")


# fmt: off
RENDER = [
    _said("an unknown name", "replicaCount: 3\n", "additional properties 'replicaCount'"),
    _said("an unknown name within", "image: { tags: v1 }\n", "additional properties 'tags'"),
    _said("the tag latest", "image: { tag: latest }\n", "'not' failed"),
    _said("a digest cut short", "image: { digest: 'sha256:0123' }\n", "does not match pattern"),
    _said("a number in words", "replicas: two\n", "want integer"),
    _said("no time to drain", "drain: { grace: 10 }\n", "minimum: got 10, want 25"),
    _said("a secret in plain view", "settings: { WEBHOOK_SECRET: s3cr3t }\n", "WEBHOOK_SECRET"),
    _said("a neighbour nobody knows", "neighbours: [basket]\n", "value must be one of"),
    _said("an issuer that is no address", "oidc: { issuer: keycloak }\n", "/oidc/issuer"),
    _said(
        "a way out to two places",
        "network: { egress: { x: { namespace: a, cidr: 192.0.2.0/24, port: 1 } } }\n",
        "'oneOf' failed",
    ),
    Bad(
        "values",
        "no role",
        values_of("order", "command"),
        _without_role,
        Rung.RENDER,
        "value must be one of 'command', 'query'",
    ),
    Bad(
        "Service",
        "a name twice in a mapping",
        QUERY,
        swap("appProtocol: grpc }", "appProtocol: grpc, port: 9081 }"),
        Rung.RENDER,
        "port is said twice",
    ),
]


def _policy(
    kind: str, rule: str, path: str, value: object, says: str, good: Good = COMMAND
) -> Bad:
    return Bad(kind, rule, good, put(kind, path, value), Rung.POLICY, says)


def _gone(kind: str, rule: str, path: str, says: str, good: Good = COMMAND) -> Bad:
    return Bad(kind, rule, good, drop(kind, path), Rung.POLICY, says)


_NO_TAG = "registry.example/bookstore/bookstore-order"
_OPEN = {"to": [{"operation": {"methods": ["POST"], "paths": ["/api/v1/orders/*"]}}]}


def _open_to_all(document: Json) -> None:
    document["spec"]["rules"].append(_OPEN)


POLICY = [
    _policy("Deployment", "no tag", f"{_CONTAINER}.image", _NO_TAG, "has no tag of its own"),
    _policy("Job", "latest", f"{_CONTAINER}.image", f"{_NO_TAG}:latest", "has no tag of its own"),
    _policy("Deployment", "privileged", f"{_CONTAINER}.securityContext.privileged", True, "is privileged"),
    _policy("Deployment", "escalation", f"{_CONTAINER}.securityContext.allowPrivilegeEscalation", True, "may escalate"),
    _policy("Deployment", "capabilities", f"{_CONTAINER}.securityContext.capabilities", {}, "keeps capabilities"),
    _policy("Job", "a root file system", f"{_CONTAINER}.securityContext.readOnlyRootFilesystem", False, "writes to its root"),
    _policy("Pod", "root", "spec.securityContext.runAsNonRoot", False, "may run as root"),
    _policy("Deployment", "the node's network", f"{_POD}.hostNetwork", True, "shares the node's hostNetwork"),
    _gone("Deployment", "no limit", f"{_CONTAINER}.resources.limits", "resources.limits.memory is missing"),
    _gone("Deployment", "no readiness", f"{_CONTAINER}.readinessProbe", "has no readinessProbe"),
    _policy("Deployment", "one probe for both", f"{_CONTAINER}.livenessProbe.httpGet.path", "/readyz", "neighbour's outage"),
    _policy("Job", "the default account", f"{_POD}.serviceAccountName", "default", "default service account"),
    _policy("ConfigMap", "a secret", "data.DATABASE_URL", "mysql://order:x@mysql/order", "DATABASE_URL is a secret"),
    _policy("Deployment", "a secret variable", f"{_CONTAINER}.env", [{"name": "SERVICE_SECRET", "value": "x"}], "SERVICE_SECRET_FILE"),
    _policy("Deployment", "a gap in an update", "spec.strategy.rollingUpdate.maxUnavailable", 1, "before others serve"),
    _gone("Deployment", "no pause", f"{_CONTAINER}.lifecycle", "while it is still sent requests"),
    _policy("Deployment", "killed while draining", f"{_POD}.terminationGracePeriodSeconds", 20, "in the middle of draining"),
    _policy("Deployment", "settings of nobody", f"{_CONTAINER}.envFrom.0.configMapRef.name", "order", "ConfigMap order is not in"),
    _policy("Deployment", "a secret of another's", f"{_VAULT}agent-inject-secret-database-url", "kv/data/bookstore/payment/database", "Vault's policy order does not allow"),
    _policy("Job", "a secret of another path", f"{_VAULT}agent-inject-template-database-url", '{{ with secret "kv/data/bookstore/order/keycloak" }}{{ .Data.data.secret }}{{ end }}', "is rendered of another path"),
    _gone("AuthorizationPolicy", "tokens nobody asks for", "", "no AuthorizationPolicy decides", QUERY),
    _gone("RequestAuthentication", "any audience", "spec.jwtRules.0.audiences", "tokens for any audience"),
    Bad("AuthorizationPolicy", "open paths", COMMAND, in_document("AuthorizationPolicy", _open_to_all), Rung.POLICY, "is open to everybody"),
    _policy("PeerAuthentication", "plain text", "spec.mtls.mode", "PERMISSIVE", "lets plain text pass"),
    _policy("DestinationRule", "plain text", "spec.trafficPolicy.tls.mode", "DISABLE", "calls in plain text"),
    _gone("Gateway", "plain text", "spec.servers.0.tls", "answers plain HTTP", GATE),
    _gone("VirtualService", "writes sent again", "spec.http.2.retries", "may send a write again"),
    _policy("VirtualService", "an end too soon", "spec.http.2.timeout", "30s", "ends before Prefer's 60 s"),
    _policy("DestinationRule", "half a name", "spec.host", "order-command", "is not a whole name"),
    _policy("Service", "no pods", "spec.selector", {"app": "order"}, "selects no pod"),
    _gone("NetworkPolicy", "none", "", "no NetworkPolicy is about", QUERY),
    _gone("PodDisruptionBudget", "none", "", "no PodDisruptionBudget is about", QUERY),
    _policy("HorizontalPodAutoscaler", "no target", "spec.scaleTargetRef.name", "orders", "which is not there"),
    _policy("Deployment", "two who count", "spec.replicas", 3, "back to its replicas"),
]


def _schema(
    kind: str, rule: str, path: str, value: object, says: str, good: Good = COMMAND
) -> Bad:
    return Bad(kind, rule, good, put(kind, path, value), Rung.SCHEMA, says)


SCHEMA = [
    _schema("Deployment", "an unknown field", "spec.minReadySecond", 5, "'minReadySecond' not allowed"),
    _schema("HorizontalPodAutoscaler", "a number as text", "spec.metrics.0.resource.target.averageUtilization", "70", "want integer"),
    _schema("NetworkPolicy", "an unknown field", "spec.ingress.0.ports.0.number", 8080, "'number' not allowed"),
    _schema("PodDisruptionBudget", "an old version", "apiVersion", "policy/v1beta1", "could not find schema"),
    _schema("ConfigMap", "a value that is no text", "data.DRAIN_DELAY", 5, "want string"),
    _schema("VirtualService", "an unknown field", "spec.http.0.timeouts", "5s", "'timeouts' not allowed"),
    _schema("PeerAuthentication", "an unknown field", "spec.mtls.modes", "STRICT", "'modes' not allowed"),
    _schema("AuthorizationPolicy", "an unknown field", "spec.rules.0.whenever", [], "'whenever' not allowed"),
    _schema("RequestAuthentication", "an unknown field", "spec.jwtRules.0.audience", "bookstore", "'audience' not allowed"),
    _schema("DestinationRule", "an unknown balance", "spec.trafficPolicy.loadBalancer.simple", "FAIREST", "must be one of"),
    Bad("Certificate", "no issuer", GATE, drop("Certificate", "spec.issuerRef"), Rung.SCHEMA, "missing property 'issuerRef'"),
    _schema("Gateway", "a port as text", "spec.servers.0.port.number", "eighty", "want integer", GATE),
    _schema("ServiceMonitor", "an unknown field", "spec.endpoints.0.every", "15s", "'every' not allowed", WATCHED),
]


def _server(
    kind: str, rule: str, path: str, value: object, says: str, good: Good = COMMAND
) -> Bad:
    return Bad(kind, rule, good, put(kind, path, value), Rung.SERVER, says)


SERVER = [
    _server("Deployment", "another selector", "spec.selector.matchLabels.tier", "x", "does not match template `labels`"),
    _server("Deployment", "Pod Security: seccomp", f"{_POD}.securityContext.seccompProfile.type", "Unconfined", "seccompProfile"),
    _server("Deployment", "Pod Security: root by number", f"{_POD}.securityContext.runAsUser", 0, "runAsUser=0"),
    _server("Deployment", "a volume of nobody", f"{_CONTAINER}.volumeMounts.0.name", "temporary", "Not found"),
    _server("Deployment", "more asked than allowed", f"{_CONTAINER}.resources.requests.memory", "2Gi", "must be less than or equal to memory limit"),
    _server("Job", "never done", f"{_POD}.restartPolicy", "Always", 'valid values: "OnFailure", "Never"'),
    _server("Deployment", "a long name of a port", f"{_CONTAINER}.ports.0.name", "http-for-everybody", "must be no more than 15"),
    _server("Service", "a port that is none", "spec.ports.0.port", 80800, "must be between 1 and 65535"),
    _server("PodDisruptionBudget", "two bounds", "spec.minAvailable", 1, "cannot be both set"),
    _server("HorizontalPodAutoscaler", "none at night", "spec.minReplicas", 0, "must be greater than or equal to 1"),
    _server("NetworkPolicy", "no network", "spec.egress.0.to.0", {"ipBlock": {"cidr": "10.0.0.0/64"}}, "must be a valid"),
    _server("ConfigMap", "a blank in a name", "data.LOG LEVEL", "INFO", "a valid config key"),
    _server("ServiceAccount", "capitals", "metadata.name", "Order", "RFC 1123"),
    _server("RequestAuthentication", "two places for keys", "spec.jwtRules.0.jwks", '{"keys":[]}', "only one of jwks or jwksUri"),
    _server("Pod", "a test that shares", "spec.volumes", [{"name": "x", "emptyDir": {"sizeLimit": "-1"}}], "must be a valid resource quantity"),
]

# fmt: on

NO_MESH = "mesh: { enabled: false }\nsecrets: { source: kubernetes }"
BAD = [*RENDER, *POLICY, *SCHEMA, *SERVER]
GOOD = [
    *(release(service, role) for service in SERVICES for role in ROLES),
    release("inventory", "command", NO_MESH),
    release("payment", "query", "monitoring: { enabled: true }"),
    release("identity", "command", "store: { corsOrigins: ['https://shop.example'] }"),
]
