"""What the generated modules say about an operation, and what a port may answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Final, Generic, Literal, TypeAlias, TypeVar

from msgspec import Meta, Raw

from bookstore.kit.caller import Role

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
BodyT = TypeVar("BodyT")

MIB: Final = 1024 * 1024


class _Everybody(Enum):
    PUBLIC = "public"


PUBLIC: Final = _Everybody.PUBLIC
Roles: TypeAlias = tuple[Role, ...] | Literal[_Everybody.PUBLIC]


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation of a port is asked for, by whom, and in which form.

    The handler is called with the caller and then with what is declared, in this order: ids,
    query, header, cookie, body. Any one of the roles suffices; nobody's is a mistake, not public.
    """

    method: str
    path: str
    handler: Callable[..., Awaitable[object]]
    roles: Roles = field(kw_only=True)
    specification: Path = field(kw_only=True)
    status: int = field(kw_only=True)
    ids: tuple[type, ...] = field(kw_only=True, default=())
    query: type | None = field(kw_only=True, default=None)
    header: type | None = field(kw_only=True, default=None)
    cookie: type | None = field(kw_only=True, default=None)
    body: type | None = field(kw_only=True, default=None)
    content_type: str = field(kw_only=True, default="application/json")
    max_body: int = field(kw_only=True, default=MIB)
    heeds_headers: bool = field(kw_only=True, default=False)  # card numbers in them are refused

    def __post_init__(self) -> None:
        """Fail closed."""
        if not self.roles:
            raise ValueError(f"{self.name}: nobody may ask for it; say PUBLIC if everybody may")

    @property
    def name(self) -> str:
        """Its method and path, which name it in metrics and logs."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Reply(Generic[BodyT]):
    """An answer with its status and headers, where an operation has more than one.

    `body` may be JSON that is encoded already. `etag` is the tag's value, without quotes; with
    it, If-None-Match is answered with 304 where it matches. `location` is a path.
    """

    status: int
    body: BodyT | Raw
    location: str | None = None
    etag: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
