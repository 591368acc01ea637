"""What the mesh must be told: who may, that everything is encrypted, and what is sent again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tools.delivery.rules.pods import title

Json: TypeAlias = dict[str, Any]
_SAFE: Final = frozenset({"GET", "HEAD"})
_LONGEST_WAIT_S: Final = 60  # Prefer: wait=60


def of(documents: Sequence[Json], kind: str) -> Iterator[Json]:
    """Yield the documents of a kind."""
    return (document for document in documents if document.get("kind") == kind)


def _selected(document: Json) -> Mapping[str, str]:
    labels: Mapping[str, str] = document.get("spec", {}).get("selector", {}).get("matchLabels", {})
    return labels


def tokens_are_asked_for(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse RequestAuthentication alone: it lets pass whoever shows no token at all."""
    decided = [
        _selected(policy)
        for policy in of(documents, "AuthorizationPolicy")
        if policy["spec"].get("action", "ALLOW") == "ALLOW"
    ]
    for document in of(documents, "RequestAuthentication"):
        if _selected(document) not in decided:
            yield f"{title(document)}: no AuthorizationPolicy decides about the same pods"
        for rule in document["spec"].get("jwtRules", ()):
            if not rule.get("audiences"):
                yield f"{title(document)}: believes tokens for any audience"


def nothing_is_open_to_everybody(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a rule that names neither who may nor, one by one, what."""
    for document in of(documents, "AuthorizationPolicy"):
        if document["spec"].get("action", "ALLOW") != "ALLOW":
            continue
        for number, rule in enumerate(document["spec"].get("rules", ())):
            operations = [to.get("operation", {}) for to in rule.get("to", ())]
            vague = not operations or any(
                not one.get("methods")
                or any("**" in path or path.endswith("/*") for path in one.get("paths", ()))
                or not (one.get("paths") or one["methods"] == ["OPTIONS"])
                for one in operations
            )
            if not rule.get("from") and vague:
                yield f"{title(document)}: rule {number} is open to everybody, for no named paths"


def all_is_encrypted(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse plain text, in the mesh and at its gate."""
    for document in of(documents, "PeerAuthentication"):
        modes = [document["spec"].get("mtls", {}).get("mode")]
        modes += [port.get("mode") for port in document["spec"].get("portLevelMtls", {}).values()]
        if any(mode != "STRICT" for mode in modes):
            yield f"{title(document)}: lets plain text pass"
    for document in of(documents, "DestinationRule"):
        mode = document["spec"].get("trafficPolicy", {}).get("tls", {}).get("mode")
        if mode not in {"ISTIO_MUTUAL", "MUTUAL"}:
            yield f"{title(document)}: calls in plain text"
    for document in of(documents, "Gateway"):
        for server in document.get("spec", {}).get("servers", ()):
            if server["port"]["protocol"] == "HTTP" and not server.get("tls", {}).get(
                "httpsRedirect"
            ):
                yield f"{title(document)}: answers plain HTTP instead of sending to HTTPS"
            if "*" in server.get("hosts", ()):
                yield f"{title(document)}: answers for any host"


def only_reads_are_sent_again(documents: Sequence[Json]) -> Iterator[str]:
    """Want `attempts: 0` wherever a write may pass: not said, Istio sends it twice more."""
    for document in of(documents, "VirtualService"):
        for route in document["spec"].get("http", ()):
            if _may_write(route) and route.get("retries", {}).get("attempts") != 0:
                yield f"{title(document)}: route {route.get('name')} may send a write again"


def _may_write(route: Json) -> bool:
    """Tell whether anything but safe methods and gRPC's Find… calls takes a route."""
    for match in route.get("match", [{}]):
        method = match.get("method", {})
        methods = {method.get("exact", "")} | {*method.get("regex", "").split("|")} - {""}
        safe = bool(method) and methods - {""} <= _SAFE
        if not safe and "/Find" not in match.get("uri", {}).get("regex", ""):
            return True
    return False


def clients_may_wait(documents: Sequence[Json]) -> Iterator[str]:
    """Want routes from a gateway to last as long as a client may have a purchase waited for."""
    for document in of(documents, "VirtualService"):
        if {*document["spec"].get("gateways", ["mesh"])} == {"mesh"}:
            continue
        for route in document["spec"].get("http", ()):
            seconds = route.get("timeout", "0s").removesuffix("s")
            if not seconds.isdecimal() or int(seconds) <= _LONGEST_WAIT_S:
                yield f"{title(document)}: route {route.get('name')} ends before Prefer's 60 s"


def hosts_are_whole(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse short names, which mean something else from another namespace."""
    for document in of(documents, "VirtualService"):
        for route in document["spec"].get("http", ()):
            for to in route.get("route", ()):
                if "." not in to["destination"]["host"]:
                    yield f"{title(document)}: {to['destination']['host']} is not a whole name"
    for document in of(documents, "DestinationRule"):
        if "." not in document["spec"]["host"]:
            yield f"{title(document)}: {document['spec']['host']} is not a whole name"


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    tokens_are_asked_for,
    nothing_is_open_to_everybody,
    all_is_encrypted,
    only_reads_are_sent_again,
    clients_may_wait,
    hosts_are_whole,
)
