"""Those who write the books."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from bookstore.catalog.domain.text import NAME_LENGTH, readable
from bookstore.kit.errors import ConflictError, NotFoundError

AuthorId = NewType("AuthorId", int)


class AuthorNotFoundError(NotFoundError):
    """There is no such author."""

    code = "author-not-found"

    def __init__(self, author_id: int) -> None:
        """Name the author."""
        super().__init__(f"there is no author {author_id}")


class AuthorInUseError(ConflictError):
    """Books on sale are by this author: it cannot be deleted."""

    code = "in-use"

    def __init__(self, author_id: int) -> None:
        """Name the author."""
        super().__init__(f"books on sale are by author {author_id}")


@dataclass(frozen=True, slots=True)
class AuthorDraft:
    """What is said of an author to add or change one."""

    name: str

    def __post_init__(self) -> None:
        """Normalise the name; raises TextInvalidError."""
        object.__setattr__(self, "name", readable(self.name, "/name", NAME_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Somebody who writes books."""

    id: AuthorId
    name: str
    created_at: datetime
    updated_at: datetime
    version: int
