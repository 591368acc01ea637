"""Optimistic concurrency: which version of a thing somebody wants to change."""

from dataclasses import dataclass

from bookstore.kit.errors import VersionMismatchError, VersionRequiredError


@dataclass(frozen=True, slots=True)
class Precondition:
    """The versions that an `If-Match` names; `any_version` is `*`.

    None named at all (`Precondition()`) is 428 as soon as a thing is there to be changed.
    """

    versions: frozenset[str] = frozenset()
    any_version: bool = False
    given: bool = False

    def check(self, version: int | str) -> None:
        """Raise VersionRequiredError or VersionMismatchError unless it names this version."""
        if not self.given:
            raise VersionRequiredError("say which version you saw: If-Match: <its ETag>")
        if not self.any_version and str(version) not in self.versions:
            raise VersionMismatchError("it has changed meanwhile: read it again, then decide")


ANY_VERSION = Precondition(any_version=True, given=True)
