"""What a distributed store keeps in its folder: its secrets, for nobody else's eyes."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tools.distributed.plan import DATABASES, SIX

STAFF_EMAIL = "staff@bookstore.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Passwords by what they open; made up when the store is new."""

    services: dict[str, str]
    databases: dict[str, str]
    database_administrator: str
    keycloak_administrator: str
    staff_email: str
    staff_password: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the folder's, which is made if need be."""
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        file = folder / "secrets.json"
        if not file.exists():
            made = cls(
                services={name: secrets.token_urlsafe(32) for name in SIX},
                databases={name: secrets.token_urlsafe(18) for name in DATABASES},
                database_administrator=secrets.token_urlsafe(18),
                keycloak_administrator=secrets.token_urlsafe(18),
                staff_email=STAFF_EMAIL,
                staff_password=secrets.token_urlsafe(12),
            )
            write_private(file, json.dumps({name: getattr(made, name) for name in cls.__slots__}))
        return cls(**json.loads(file.read_text()))


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    file.touch(mode=0o600)
    file.write_text(text)
