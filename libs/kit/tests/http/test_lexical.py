"""One canonical form each: what Python would also take, we do not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore.kit.http import lexical

CANONICAL = "0190a5d0-ac96-774b-8cce-b302099a8057"


@given(st.integers(1, lexical.LARGEST))
def test_ids_are_read(number: int) -> None:
    assert lexical.read_id(str(number)) == number


OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 — the offsets come after
def test_instants_are_read_with_any_offset(instant: datetime) -> None:
    assert lexical.read_instant(instant.isoformat()) == instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00.1234567z", datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-31T12:00:00+09:00", datetime(2026, 1, 31, 3, tzinfo=UTC)),
        ("2026-01-31T12:00:00-00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_an_instant_is_told_in_utc(text: str, expected: datetime) -> None:
    read = lexical.read_instant(text)
    assert (read, read.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    ("read", "texts"),
    [
        (
            lexical.read_id,
            "0|01|-1|+1|1_0|1.0|1e3| 1|1 |\u0661|\uff11|9007199254740992|0x1||1\n",
        ),
        (lexical.read_integer, "1.0|1e1|+1|01|-0|null|1_0|true||\uff11|1 |1" + "0" * 30),
        (lexical.read_boolean, "1|0|True|TRUE|yes|on||null"),
        (
            lexical.read_uuid,
            f"{CANONICAL.upper()}|{{{CANONICAL}}}|urn:uuid:{CANONICAL}|{CANONICAL[:8]}|{CANONICAL}\n|"
            + CANONICAL.replace("-", "")
            + f"|{CANONICAL[:-1]}\u0667",
        ),
        (lexical.read_date, "2026-02-30|2026-1-1|20260101|2026-01-01T00:00:00Z|2026-W01-1|"),
        (
            lexical.read_instant,
            (
                "2026-02-30T00:00:00Z|2026-01-01|yesterday|2026-01-01 00:00:00Z|2026-01-01T00:00"
                "|2026-01-01T00:00:60Z|2026-01-01T24:00:00Z|2026-01-01T00:00Z|20260101T000000Z"
                "|2026-01-01T00:00:00 00:00|2026-01-01T00:00:00+24:00|0000-01-01T00:00:00Z"
                "|2026-01-01T00:00:00,5Z|2026-01-01T00:00:00.Z|0001-01-01T00:00:00+01:00|"
            ),
        ),
    ],
)
def test_other_forms_are_refused(read: Callable[[str], object], texts: str) -> None:
    for text in texts.split("|"):
        with pytest.raises(ValueError, match=r".+"):
            read(text)
