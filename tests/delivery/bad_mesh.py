"""Known-bad policies of the mesh: the API server takes each, and the Envoy's answers are wrong."""

from typing import Any

from tests.delivery.bad import Bad, Edit, Json, drop, in_document, put
from tools.delivery.charts import ROLES, SERVICES
from tools.delivery.ladder import Rung
from tools.delivery.mesh import meshed
from tools.delivery.routed import routed

COMMAND = meshed("order", "command")
QUERY = meshed("catalog", "query")
STAFF = meshed("inventory", "query")
ROUTES = routed("order")


def _rules(change: Any) -> Edit:
    def edit(document: Json) -> None:
        for rule in document["spec"]["rules"]:
            change(rule)

    return in_document("AuthorizationPolicy", edit)


def _any_role(rule: Json) -> None:
    rule.pop("when", None)


def _claim_at_the_top(rule: Json) -> None:
    for condition in rule.get("when", ()):
        condition["key"] = "request.auth.claims[roles]"


def _staff_is_enough_for_all(rule: Json) -> None:
    for condition in rule.get("when", ()):
        condition["values"] = ["manage"]


def _reads_by_get_alone(rule: Json) -> None:
    for to in rule.get("to", ()):
        if "GET" in to["operation"].get("methods", ()):
            to["operation"]["methods"] = ["GET"]


def _no_segments(rule: Json) -> None:
    for to in rule.get("to", ()):
        operation = to["operation"]
        if paths := operation.get("paths"):
            operation["paths"] = [
                path.replace("{*}", "*") for path in paths if "/{*}/" not in path
            ] or paths


def _metrics_for_all(rule: Json) -> None:
    for to in rule.get("to", ()):
        if unknown := to["operation"].get("notPaths"):
            unknown.remove("/metrics")


def _grpc_for_all(rule: Json) -> None:
    for to in rule.get("to", ()):
        to["operation"].pop("notPorts", None)


def _anybody(rule: Json) -> None:
    for source in rule.get("from", ()):
        source["source"].pop("requestPrincipals", None)
        source["source"].setdefault("notNamespaces", ["elsewhere"])


def _writes_too(rule: Json) -> None:
    if "from" not in rule:
        for to in rule["to"]:
            to["operation"]["methods"] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def _the_rest_first(document: Json) -> None:
    document["spec"]["http"].insert(0, document["spec"]["http"].pop())


# fmt: off
BAD = [
    Bad("RequestAuthentication", "another issuer", COMMAND, put("RequestAuthentication", "spec.jwtRules.0.issuer", "https://id.example/realms/master"), Rung.MESH, "with the token of customer: 401, but 200 is right"),
    Bad("RequestAuthentication", "another audience", COMMAND, put("RequestAuthentication", "spec.jwtRules.0.audiences", ["account"]), Rung.MESH, "with the token of customer: 403, but 200 is right"),
    Bad("RequestAuthentication", "another header", COMMAND, put("RequestAuthentication", "spec.jwtRules.0.fromHeaders", [{"name": "x-token"}]), Rung.MESH, "with the token of expired: 403, but 401 is right"),
    Bad("RequestAuthentication", "other pods", QUERY, put("RequestAuthentication", "spec.selector.matchLabels.app~1kubernetes~1io/component", "command"), Rung.POLICY, "no AuthorizationPolicy decides"),
    Bad("AuthorizationPolicy", "any role", COMMAND, _rules(_any_role), Rung.MESH, "/ship with the token of customer: 200, but 403 is right"),
    Bad("AuthorizationPolicy", "roles at another place", COMMAND, _rules(_claim_at_the_top), Rung.MESH, "/ship with the token of staff: 403, but 200 is right"),
    Bad("AuthorizationPolicy", "staff alone", COMMAND, _rules(_staff_is_enough_for_all), Rung.MESH, "POST /api/v1/orders at 8080 with the token of customer: 403, but 200 is right"),
    Bad("AuthorizationPolicy", "no HEAD", QUERY, _rules(_reads_by_get_alone), Rung.MESH, "HEAD /api/v1/books at 8080 without a token: 403, but 200 is right"),
    Bad("AuthorizationPolicy", "paths that end in anything", STAFF, _rules(_no_segments), Rung.POLICY, "is open to everybody"),
    Bad("AuthorizationPolicy", "metrics for customers", QUERY, _rules(_metrics_for_all), Rung.MESH, "GET /metrics at 8080 with the token of customer: 200, but 403 is right"),
    Bad("AuthorizationPolicy", "gRPC by a token alone", COMMAND, _rules(_grpc_for_all), Rung.MESH, "FindAll at 9080 with the token of customer: 200, but 403 is right"),
    Bad("AuthorizationPolicy", "no token", COMMAND, _rules(_anybody), Rung.MESH, "without a token: 200, but 403 is right"),
    Bad("AuthorizationPolicy", "the public writes", QUERY, _rules(_writes_too), Rung.MESH, "with the token of customer: 200, but 403 is right"),
    Bad("AuthorizationPolicy", "the other way round", QUERY, put("AuthorizationPolicy", "spec.action", "DENY"), Rung.POLICY, "no AuthorizationPolicy decides"),
    Bad("VirtualService", "no HEAD", ROUTES, put("VirtualService", "spec.http.1.match.0.method", {"exact": "GET"}), Rung.MESH, "HEAD /api/v1/orders goes to command, but is query's"),
    Bad("VirtualService", "the rest first", ROUTES, in_document("VirtualService", _the_rest_first), Rung.MESH, "GET /api/v1/orders goes to command, but is query's"),
    Bad("VirtualService", "quotes are written", ROUTES, drop("VirtualService", "spec.http.0"), Rung.MESH, "POST /api/v1/orders/quote goes to command, but is query's"),
    Bad("VirtualService", "half a word", ROUTES, put("VirtualService", "spec.http.1.match.0.uri", {"prefix": "/api/v1/orders"}), Rung.MESH, "/api/v1/orders-of-another: 200, but it is nobody's"),
    Bad("VirtualService", "reads are tried once", ROUTES, put("VirtualService", "spec.http.1.retries", {"attempts": 0}), Rung.MESH, "GET /api/v1/orders is not sent again"),
    Bad("VirtualService", "another gateway", ROUTES, put("VirtualService", "spec.gateways", ["store"]), Rung.MESH, "goes to nobody (404)"),
    Bad("VirtualService", "another port", ROUTES, put("VirtualService", "spec.http.2.route.0.destination.port.number", 80), Rung.MESH, "POST /api/v1/orders goes to nobody (503)"),
    Bad("AuthorizationPolicy", "no rules", QUERY, drop("AuthorizationPolicy", "spec.rules"), Rung.MESH, "GET /api/v1/books at 8080 without a token: 403, but 200 is right"),
]
# fmt: on
GOOD = [
    *(meshed(service, role) for service in SERVICES for role in ROLES),
    *(routed(service) for service in SERVICES),
]
