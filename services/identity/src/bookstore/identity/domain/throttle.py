"""How guessing passwords is slowed down: attempts are counted, by account and by address.

Nobody can lock an account from elsewhere with less than a hundred attempts, and an account that
is locked from one address is open from the others.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from bookstore.identity.domain.account import TooManyAttemptsError
from bookstore.identity.domain.email import email_key

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_ADDRESS = 10, 100, 100

_NETWORK = 64  # bits: the part of an IPv6 address that one subscriber does not choose


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries a password: for which account, from where; as short, fixed names."""

    account: str
    address: str

    @classmethod
    def at(cls, email: str, address: str) -> "Attempt":
        """Name an attempt; what was typed as e-mail address need not be one."""
        return cls(sha256(email_key(email).encode()).hexdigest(), _network(address))


@dataclass(frozen=True, slots=True)
class Count:
    """How many attempts there were within the window, and when the first of them was."""

    number: int
    first: datetime | None


def admit(now: datetime, pair: Count, account: Count, address: Count) -> None:
    """Raise TooManyAttemptsError if another attempt would be too many."""
    limits: Sequence[tuple[Count, int]] = (
        (pair, PER_PAIR),
        (account, PER_ACCOUNT),
        (address, PER_ADDRESS),
    )
    waits = [
        (count.first + WINDOW - now).total_seconds()
        for count, limit in limits
        if count.number >= limit and count.first is not None
    ]
    if waits:
        raise TooManyAttemptsError(max(1, ceil(max(waits))))


def _network(address: str) -> str:
    """Return what an attacker cannot change at will: an IPv4 address, or an IPv6 network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:_NETWORK]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), _NETWORK), strict=False))
    return str(parsed)
