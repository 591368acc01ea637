"""What a role may grant: what is named, and nothing by a star."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from tools.delivery.rules.pods import title
from tools.delivery.rules.tasks import of_kind

Json: TypeAlias = dict[str, Any]
_POWER: Final = frozenset({"escalate", "bind", "impersonate"})


def roles_name_what_they_grant(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse a star: it grants what the next release of Kubernetes invents, too."""
    for role in of_kind(documents, "Role", "ClusterRole"):
        for rule in role.get("rules") or ():
            for what in ("apiGroups", "resources", "verbs"):
                if "*" in rule.get(what, ()):
                    yield f"{title(role)}: {what} has a star"
            if power := sorted(_POWER & set(rule.get("verbs", ()))):
                yield f"{title(role)}: may {', '.join(power)}"


def secrets_are_read_by_name(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse to let secrets be listed: who may list them may read them all."""
    for role in of_kind(documents, "Role", "ClusterRole"):
        for rule in role.get("rules") or ():
            reads = {"get", "list", "watch"} & set(rule.get("verbs", ()))
            if "secrets" in rule.get("resources", ()) and reads:
                if not rule.get("resourceNames"):
                    yield f"{title(role)}: reads every secret"
                elif reads != {"get"}:
                    yield f"{title(role)}: lists secrets"


def nobody_is_admin(documents: Sequence[Json]) -> Iterator[str]:
    """Refuse the roles that Kubernetes made for people."""
    for binding in of_kind(documents, "RoleBinding", "ClusterRoleBinding"):
        if binding["roleRef"]["name"] in {"cluster-admin", "admin", "edit"}:
            yield f"{title(binding)}: grants {binding['roleRef']['name']}"
        for subject in binding.get("subjects", ()):
            if subject["name"] in {"system:authenticated", "system:unauthenticated", "default"}:
                yield f"{title(binding)}: grants to {subject['name']}"


RULES: Final[Sequence[Callable[[Sequence[Json]], Iterable[str]]]] = (
    roles_name_what_they_grant,
    secrets_are_read_by_name,
    nobody_is_admin,
)
