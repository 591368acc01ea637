"""A profile: what the store keeps of a user, whoever the identity provider is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bookstore.identity.domain.account import Account, Person, UserId
from bookstore.identity.domain.email import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A user's names and how to reach them; `version` counts the changes."""

    id: UserId
    person: Person
    phone: str | None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    deleted: bool = False

    @classmethod
    def of(cls, account: Account, now: datetime, phone: str | None = None) -> Self:
        """Begin the profile of an account."""
        return cls(
            id=account.id, person=account.person, phone=phone, created_at=now, updated_at=now
        )

    def changed(self, person: Person, phone: str | None, now: datetime) -> Self:
        """Return the profile as it is to be."""
        return replace(self, person=person, phone=phone, updated_at=now, version=self.version + 1)

    def made_anonymous(self, now: datetime) -> Self:
        """Return what is left when the account ends: an id that orders can refer to."""
        nobody = Person(email=Email(f"{self.id}@deleted.invalid"), first_name="", last_name="")
        return replace(
            self,
            person=nobody,
            phone=None,
            updated_at=now,
            version=self.version + 1,
            deleted=True,
        )
