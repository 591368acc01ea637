"""The ladder: a file is good when no rung refuses it; the lowest rung that does names the fault.

A check takes the file's text and returns what is wrong with it, in words; nothing means it passes.
What a rung needs and does not find (a program, a cluster) is never a pass: it raises `Missing`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

Check: TypeAlias = Callable[[str], Iterable[str]]


class Rung(IntEnum):
    """From what costs nothing to what takes a cluster and a proxy."""

    RENDER = 0  # it can be read: helm template and lint, kustomize, YAML, Terraform's own checks
    POLICY = 1  # our own rules, in tools/delivery/rules
    SCHEMA = 2  # kubeconform, strict, with the schemas of Kubernetes and of every CRD
    SERVER = 3  # a real API server: strict dry run, no warning, Pod Security, RBAC
    WEBHOOK = 4  # Tekton's admission webhook
    MESH = 5  # the answers of an Envoy that istiod configured from it

    @property
    def needs_cluster(self) -> bool:
        """Tell whether it takes a KUBECONFIG."""
        return self >= Rung.SERVER


class Missing(Exception):  # noqa: N818 — nothing is wrong with the file
    """What a rung needs is not here; says how to get it."""


@dataclass(frozen=True, slots=True)
class Good:
    """A file that every rung lets pass; `read` returns its text, and each rung has its check."""

    name: str
    read: Callable[[], str]
    checks: Mapping[Rung, Check]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which rung refused, and what it said."""

    rung: Rung
    words: str


def climb(good: Good, text: str, *, to: Rung) -> Refusal | None:
    """Return the lowest rung's refusal of `text`, a version of `good`, or None.

    It climbs up `to` a rung. Raises Missing where one on the way has not what it needs.
    """
    for rung in Rung:
        if rung <= to and rung in good.checks and (said := [*good.checks[rung](text)]):
            return Refusal(rung, "\n".join(said))
    return None
