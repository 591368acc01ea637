"""A service once it is wired: what it offers, and what it needs to be told."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bookstore.kit.http import Operation

if TYPE_CHECKING:
    from grpc import aio

Register = Callable[["aio.Server"], None]


async def _at_once() -> None:
    """Be ready at once."""


def _nothing() -> None:
    """Have nobody waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a service offers.

    `also_reads` names the operations that only read though they are no GET: questions with a
    body. `tasks` are the saga tasks it works on, by name; `background` are jobs that run until
    they are cancelled; `ready` raises while the service cannot answer; `drain` is called once
    when the process is told to stop, so that nobody is kept waiting.
    """

    name: str
    operations: Sequence[Operation] = ()
    also_reads: Collection[str] = ()
    rpc: Sequence[Register] = ()
    tasks: Mapping[str, Callable[[Any], Awaitable[Any]]] = field(default_factory=dict)
    background: Sequence[Callable[[], Awaitable[None]]] = ()
    ready: Callable[[], Awaitable[None]] = _at_once
    drain: Callable[[], None] = _nothing

    def reading(self) -> "Service":
        """Offer what only reads, and nothing that runs by itself.

        Which of its gRPC calls only read is for the server to tell.
        """
        reads = [operation for operation in self.operations if self._only_reads(operation)]
        return replace(self, operations=reads, tasks={}, background=())

    def writing(self) -> "Service":
        """Offer the rest."""
        writes = [operation for operation in self.operations if not self._only_reads(operation)]
        return replace(self, operations=writes)

    def _only_reads(self, operation: Operation) -> bool:
        return operation.method == "GET" or operation.name in self.also_reads
