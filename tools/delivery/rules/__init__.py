"""Our own policies: what must hold for every manifest before anybody else looks at it.

A rule takes the documents of one file and says what is wrong with them, naming the resource. It
has nothing to say about kinds it does not know.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from tools.delivery.rules.access import RULES as ACCESS
from tools.delivery.rules.gitops import RULES as GITOPS
from tools.delivery.rules.mesh import RULES as MESH
from tools.delivery.rules.pipelines import RULES as PIPELINES
from tools.delivery.rules.pods import RULES as PODS
from tools.delivery.rules.tasks import RULES as TASKS
from tools.delivery.rules.together import RULES as TOGETHER

Json: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Sequence[Json]], Iterable[str]]

RULES: Final[Sequence[Rule]] = (*PODS, *MESH, *TOGETHER, *TASKS, *PIPELINES, *GITOPS, *ACCESS)


def broken(documents: Sequence[Json]) -> Iterator[str]:
    """Say which rules the documents break, and how."""
    for rule in RULES:
        yield from rule(documents)
