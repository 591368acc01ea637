"""The chassis's small pure modules."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID, uuid4

import msgspec
import pytest

from bookstore.kit.caller import Caller, Role
from bookstore.kit.cards import holds_card_number, mask_card_numbers
from bookstore.kit.clock import FakeClock, SystemClock
from bookstore.kit.errors import VersionMismatchError, VersionRequiredError
from bookstore.kit.ids import uuid7
from bookstore.kit.precondition import ANY_VERSION, Precondition
from bookstore.kit.settings import SettingsError, read_settings
from bookstore.kit.text import clean, fold, has_controls, is_visible


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "my card is 5500-0000-0000-0004, thanks",
        "378282246310005",
        "tok_6011111111111117",
        "\uff14" + "\uff11" * 15,  # full-width digits
        "٤١١١١١١١١١١١١١١١",  # Arabic-Indic ones
        "❹①①①①①①①①①①①①①①①",  # circled ones
        "4111\u00a01111\u00a01111\u00a01111",  # no-break blanks
        "4111\u20111111\u22121111\u20141111",  # a no-break hyphen, a minus, a dash
        "41\u200b111111\u2060111111\ufeff11",  # invisible characters
        "4\ufe0f\u20e3111111111111111",  # a keycap
        "4111\t1111\n1111  1111",
        "4111 - 1111 - 1111 - 1111",
        "4111 1111 1111 1111 12/27",  # with its end
        "No 12 4111111111111111",
    ],
)
def test_a_card_number_is_seen(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "9780132350884",  # an ISBN
        "9780439023481 9780439554930",
        "4111111111111112",  # a bad check digit
        "a4111111111111111bcdefabcdefabcd",  # a trace id
        "00-a4111111111111111bcdefabcdefabcd-4111111111111111-01",  # a traceparent
        "+82 10-1234-5678",
        "411111111111",  # too short
        "41111111111111111111111111",  # too long
        "018f1f5e-8a3c-7b1d-9d0a-1c2d3e4f5a6b",
        "aaaa4111-1111-1111-1111-aaaaaaaaaaaa",  # a UUID
        "\uff14" + "\uff11" * 14 + "\uff12",
        "4111 018f1f5e-8a3c-7b1d-9d0a-1c2d3e4f5a6b 111111111111",
        "2026-11-25 13-37-20 2026-11-26",
        "2aab353063c94f408800312480883d78",
        "evt_2aab353063c94f408800312480883d78",
        "ORD2aab353063c94f408800312480883d78",
        "order-2aab3530-63c9-4f40-8800-312480883d78",
        "4111, 1111, 1111, 1111",  # a list
        "",
    ],
)
def test_what_is_no_card_number_passes(text: str) -> None:
    assert not holds_card_number(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no 4111 1111-1111 1111!", "no …!"),
        ("/\uff14" + "\uff11" * 15 + ": what?", "/…: what?"),
        ("an order of 3 books", "an order of 3 books"),
        ("9780132350884, 4111111111111112", "9780132350884, 4111111111111112"),
    ],
)
def test_a_card_number_is_shown_to_nobody(text: str, shown: str) -> None:
    assert mask_card_numbers(text) == shown


def test_a_long_text_is_looked_through_in_no_time() -> None:
    began = perf_counter()
    for text in (
        "1 " * 50_000,
        "\uff14 " * 50_000,
        "1" + " " * 100_000,
        "1234567890123 a" * 7_000,
        "1" * 300_000,
        "1a" * 150_000,
        "4" * 20 + "g4" * 100_000,
    ):
        holds_card_number(text)
    assert perf_counter() - began < 2


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [uuid7() for _ in range(200)]

    assert len(set(ids)) == 200
    assert {id_.version for id_ in ids} == {7}
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul", "istanbul"),
        ("STRASSE", "straße"),
        ("ﬁne", "FINE"),
        ("É", "é"),
        ("e\u0301", "é"),
    ],
)
def test_folding_makes_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_keeps_accents() -> None:
    assert fold("resume") != fold("résumé")


def test_cleaning_composes_and_trims() -> None:
    assert clean("  e\u0301 \n") == "é"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\u200b", "\u00a0\u2060", "\u2028", "\u2800", "\u3164", "\u115f", "\u1160"),
        *("\uffa0", "\u034f", "\u17b4", "\u180b", "\ufe0f", "\U000e0100", "\u2800 \u3164\u200d"),
    ],
)
def test_nothing_to_see_is_seen_as_nothing(text: str) -> None:
    assert not is_visible(text)


def test_line_breaks_are_controls_unless_lines_are_meant() -> None:
    assert has_controls("a\nb")
    assert not has_controls("a\nb", lines=True)
    assert has_controls("a\0b", lines=True)


@pytest.mark.parametrize("control", ["\x7f", "\x80", "\x85", "\x9f"])
def test_c1_and_del_are_controls_on_every_line(control: str) -> None:
    assert has_controls(f"a{control}b")
    assert has_controls(f"a{control}b", lines=True)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_separators_of_lines_stand_only_where_lines_do(separator: str) -> None:
    assert has_controls(f"a{separator}b")
    assert not has_controls(f"a{separator}b", lines=True)


@pytest.mark.parametrize(
    "text", ["\u00a0a", "\u00e9", "\U0001f4d8\ufe0f", "\ud55c\uad6d\uc5b4", "\u28ff"]
)
def test_what_people_write_is_visible_and_no_control(text: str) -> None:
    assert is_visible(text)
    assert not has_controls(text)


def test_a_precondition_must_be_given_and_must_hold() -> None:
    with pytest.raises(VersionRequiredError):
        Precondition().check(1)
    with pytest.raises(VersionMismatchError):
        Precondition(frozenset({"1"}), given=True).check(2)
    Precondition(frozenset({"1", "2"}), given=True).check(2)
    ANY_VERSION.check(7)


def test_a_caller_may_what_their_roles_say() -> None:
    user = Caller(id=uuid4(), roles=frozenset({Role.ORDER}))

    assert user.may([Role.MANAGE, Role.ORDER])
    assert not user.may([Role.MANAGE])
    assert not user.is_staff
    assert user.owns(UUID(str(user.id)))
    assert not Caller().owns(uuid4())


class Knobs(msgspec.Struct, frozen=True):
    port: int
    public_url: str = "http://127.0.0.1:8080"
    fast: bool = False


def test_settings_come_from_the_environment() -> None:
    knobs = read_settings(Knobs, "ORDER", {"PORT": "1", "ORDER_PORT": "2", "FAST": "true"})

    assert knobs == Knobs(port=2, fast=True)


def test_every_bad_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match="PORT: is not set; FAST: "):
        read_settings(Knobs, "", {"FAST": "quick"})


def test_a_setting_may_be_in_a_mounted_file(tmp_path: Path) -> None:
    mounted = tmp_path / "port"
    mounted.write_text("8084\n", encoding="utf-8")

    knobs = read_settings(Knobs, "ORDER", {"ORDER_PORT_FILE": str(mounted), "PORT": "1"})
    assert knobs.port == 8084


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"8084", {"PORT": "1"}, "PORT: is set, and PORT_FILE too"),
        (b" \n", {}, "is empty"),
        (b"\xff\xfe", {}, "holds no text"),
        (None, {}, "cannot be read: No such file"),
        (b"http", {}, "PORT: is http, but takes a whole number"),
        (b"80\n84\n", {}, "port has several lines, but a setting is one$"),
    ],
)
def test_a_file_that_is_no_setting_is_named(
    content: bytes | None, more: dict[str, str], said: str, tmp_path: Path
) -> None:
    mounted = tmp_path / "port"
    if content is not None:
        mounted.write_bytes(content)

    with pytest.raises(SettingsError, match=said):
        read_settings(Knobs, "", {"PORT_FILE": str(mounted)} | more)


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(timedelta(seconds=90))

    assert (clock.now(), clock.monotonic()) == (datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC), 90)
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().monotonic() <= SystemClock().monotonic()
