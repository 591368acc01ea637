"""Those who publish the books."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from bookstore.catalog.domain.text import ADDRESS_LENGTH, NAME_LENGTH, readable
from bookstore.kit.errors import ConflictError, NotFoundError

PublisherId = NewType("PublisherId", int)


class PublisherNotFoundError(NotFoundError):
    """There is no such publisher."""

    code = "publisher-not-found"

    def __init__(self, publisher_id: int) -> None:
        """Name the publisher."""
        super().__init__(f"there is no publisher {publisher_id}")


class PublisherInUseError(ConflictError):
    """Books on sale are of this publisher: it cannot be deleted."""

    code = "in-use"

    def __init__(self, publisher_id: int) -> None:
        """Name the publisher."""
        super().__init__(f"books on sale are of publisher {publisher_id}")


@dataclass(frozen=True, slots=True)
class PublisherDraft:
    """What is said of a publisher to add or change one."""

    name: str
    address: str | None = None

    def __post_init__(self) -> None:
        """Normalise the text; raises TextInvalidError."""
        object.__setattr__(self, "name", readable(self.name, "/name", NAME_LENGTH))
        if self.address is not None:
            address = readable(self.address, "/address", ADDRESS_LENGTH)
            object.__setattr__(self, "address", address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Somebody who publishes books."""

    id: PublisherId
    name: str
    address: str | None
    created_at: datetime
    updated_at: datetime
    version: int
