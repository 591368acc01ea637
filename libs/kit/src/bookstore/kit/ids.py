"""Ids that sort by the time they were made: UUID version 7 (RFC 9562)."""

import os
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """Return a new UUIDv7: 48 bits of milliseconds, then 74 random ones."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (millis & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=value)


def first_uuid7(at: datetime) -> UUID:
    """Return what sorts before every UUIDv7 made from then on, and after those made before."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
