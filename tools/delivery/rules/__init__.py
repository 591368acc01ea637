"""Our own policies: what must hold for every manifest before anybody else looks at it.

A rule takes the documents of one file and says what is wrong with them, naming the resource. It
has nothing to say about kinds it does not know.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from tools.delivery.rules.pods import RULES as PODS

Json: TypeAlias = dict[str, Any]
Rule: TypeAlias = Callable[[Sequence[Json]], Iterable[str]]

RULES: Final[Sequence[Rule]] = (*PODS,)


def broken(documents: Sequence[Json]) -> Iterator[str]:
    """Say which rules the documents break, and how."""
    for rule in RULES:
        yield from rule(documents)
