"""Envoy's configuration: routes to six services, tokens checked as a mesh would, limits.

A request without a token passes where the specification says public; one with a token that is
forged, expired or another's is refused everywhere, as Istio's RequestAuthentication does. What
passes is checked again by the service, roles and ownership among it. /metrics is nobody's path.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from tools.edge.routes import SAFE, Rule, prefixes, rules, services

Json: TypeAlias = dict[str, Any]
Address: TypeAlias = tuple[str, int]

ROLES: Final = ("query", "command")
WAIT_S: Final = 65  # a client may have us wait 60 s (Prefer)
_TYPE: Final = "type.googleapis.com/envoy."
_HTTP: Final = f"{_TYPE}extensions.filters.http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Where it listens, where the services are, and whose tokens count.

    `upstreams` has the addresses of `<service>-query` and `<service>-command`, which may be the
    same. `keys` is the address and the path of the issuer's key set. `realm` is where the issuer
    is when that is a Keycloak whose pages clients find here too, at the issuer's path.
    """

    listen: Address
    admin: Address
    upstreams: Mapping[str, Iterable[Address]]
    issuer: str
    audience: str
    keys: tuple[Address, str]
    realm: Address | None = None


def configuration(edge: Edge) -> Json:
    """Return the configuration as Envoy reads it."""
    missing = {f"{service}-{role}" for service in services() for role in ROLES} - {*edge.upstreams}
    if missing:
        raise ValueError(f"no address for {', '.join(sorted(missing))}")
    clusters = [_cluster(name, addresses) for name, addresses in edge.upstreams.items()]
    if edge.realm:
        clusters.append(_cluster("realm", [edge.realm]))
    return {
        "admin": {"address": _socket(edge.admin)},
        "static_resources": {
            "listeners": [_listener(edge)],
            "clusters": [*clusters, _cluster("keys", [edge.keys[0]])],
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "limits",
                    "static_layer": {"overload": {"global_downstream_max_connections": 10_000}},
                }
            ]
        },
    }


def _listener(edge: Edge) -> Json:
    manager = {
        "@type": f"{_TYPE}extensions.filters.network.http_connection_manager.v3."
        "HttpConnectionManager",
        "stat_prefix": "edge",
        "use_remote_address": True,  # X-Forwarded-For begins here, whatever a client writes
        "normalize_path": True,
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "common_http_protocol_options": {
            "idle_timeout": "75s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "max_request_headers_kb": 32,
        "request_headers_timeout": "10s",
        "stream_idle_timeout": f"{WAIT_S + 5}s",
        "route_config": {"virtual_hosts": [_virtual_host(edge)]},
        "http_filters": [
            {"name": "jwt", "typed_config": _tokens(edge)},
            {"name": "router", "typed_config": {"@type": f"{_HTTP}.router.v3.Router"}},
        ],
        "local_reply_config": _problems(),
    }
    return {
        "address": _socket(edge.listen),
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def _virtual_host(edge: Edge) -> Json:
    special = [rule for rule in rules() if rule.reads and rule.method not in SAFE]
    routes = [_route(_exactly(rule), rule.service, "query") for rule in special]
    for prefix, service in sorted(prefixes().items()):
        whose = {"path_separated_prefix": prefix}
        routes.append(_route({**whose, "headers": [_method(SAFE)]}, service, "query"))
        routes.append(_route(whose, service, "command"))
    if edge.realm:  # the pages people sign in on and what these show; no administration
        for prefix in (urlsplit(edge.issuer).path, "/resources"):
            match = {"path_separated_prefix": prefix}
            routes.append({"match": match, "route": {"cluster": "realm"}})
    routes.append({"match": {"path": "/healthz"}, "direct_response": {"status": 200}})
    return {"name": "store", "domains": ["*"], "routes": routes}


def _route(match: Json, service: str, role: str) -> Json:
    to: Json = {"cluster": f"{service}-{role}", "timeout": f"{WAIT_S}s"}
    if role == "query":  # what changes something is never sent twice by the edge
        to["retry_policy"] = {"retry_on": "connect-failure,refused-stream", "num_retries": 2}
    return {"match": match, "route": to}


def _exactly(rule: Rule) -> Json:
    return {"safe_regex": {"regex": rule.pattern}, "headers": [_method([rule.method])]}


def _method(methods: Iterable[str]) -> Json:
    return {
        "name": ":method",
        "string_match": {"safe_regex": {"regex": "|".join(methods)}},
    }


def _tokens(edge: Edge) -> Json:
    (host, port), path = edge.keys
    trusted = {
        "issuer": edge.issuer,
        "audiences": [edge.audience],
        "forward": True,
        "clock_skew_seconds": 5,
        "remote_jwks": {
            "http_uri": {
                "uri": f"http://{host}:{port}{path}",
                "cluster": "keys",
                "timeout": "2s",
            },
            "cache_duration": "60s",
            "async_fetch": {"fast_listener": True},
        },
    }
    wanted = {"provider_name": "issuer"}
    if_any = {"requires_any": {"requirements": [wanted, {"allow_missing": {}}]}}
    checks = [
        {
            "match": {
                "safe_regex": {"regex": rule.pattern},
                "headers": [_method(SAFE if rule.method == "GET" else [rule.method])],
            },
            "requires": if_any if rule.is_public else wanted,
        }
        for rule in rules()
    ]
    return {
        "@type": f"{_HTTP}.jwt_authn.v3.JwtAuthentication",
        "providers": {"issuer": trusted},
        "rules": [*checks, {"match": {"prefix": "/"}, "requires": if_any}],
    }


def _problems() -> Json:
    """Say in our own form what the edge refuses by itself; a service's answers are left alone."""
    said = "%LOCAL_REPLY_BODY%"
    return {
        "mappers": [
            _problem(401, HTTPStatus.UNAUTHORIZED, "token-refused", said),
            _problem(403, HTTPStatus.UNAUTHORIZED, "token-refused", said),  # another's audience
            _problem(404, HTTPStatus.NOT_FOUND, "route-not-found", "no service has such a path"),
            _problem(
                503, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "the service is out of reach"
            ),
            _problem(
                504,
                HTTPStatus.GATEWAY_TIMEOUT,
                "unavailable",
                "the service did not answer in time",
            ),
        ]
    }


def _problem(given: int, status: HTTPStatus, code: str, detail: str) -> Json:
    return {
        "filter": {
            "status_code_filter": {
                "comparison": {"value": {"default_value": given, "runtime_key": "none"}}
            }
        },
        "status_code": status.value,
        "body_format_override": {
            "json_format": {
                "type": f"/docs/errors#{code}",
                "title": status.phrase,
                "status": status.value,
                "detail": detail,
                "code": code,
                "trace_id": "%REQ(X-REQUEST-ID)%",
                "errors": [],
            },
            "content_type": "application/problem+json",
        },
    }


def _cluster(name: str, addresses: Iterable[Address]) -> Json:
    endpoints = [{"endpoint": {"address": _socket(address)}} for address in addresses]
    limits = {"max_connections": 1024, "max_pending_requests": 1024, "max_requests": 4096}
    return {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _socket(address: Address) -> Json:
    return {"socket_address": {"address": address[0], "port_value": address[1]}}
