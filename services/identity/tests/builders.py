"""People of the tests: each builder makes a good one, of which a test changes what matters."""

from datetime import UTC, datetime

from bookstore.identity.domain.account import Person, UserId
from bookstore.identity.domain.email import Email
from bookstore.identity.domain.profile import Profile
from bookstore.kit.ids import uuid7

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = "ada@example.com"
PASSWORD = "correct horse battery"
HOME, CAFE = "192.0.2.1", "198.51.100.7"


def person(email: str = ADA, first_name: str = "Ada", last_name: str = "Lovelace") -> Person:
    return Person(email=Email(email), first_name=first_name, last_name=last_name)


def profile(who: Person | None = None, phone: str | None = None, at: datetime = NOW) -> Profile:
    return Profile(
        id=UserId(uuid7()), person=who or person(), phone=phone, created_at=at, updated_at=at
    )
