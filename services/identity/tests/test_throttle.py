from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from bookstore.identity.domain.account import TooManyAttemptsError
from bookstore.identity.domain.throttle import WINDOW, Attempt, Count, admit
from services.identity.tests.builders import ADA, HOME, NOW

NONE = Count(0, None)


def test_below_every_limit_another_attempt_is_fine() -> None:
    first = NOW - timedelta(minutes=1)

    admit(NOW, pair=Count(9, first), account=Count(99, first), address=Count(99, first))


@pytest.mark.parametrize(
    "counts",
    [
        {"pair": Count(10, NOW), "account": NONE, "address": NONE},
        {"pair": NONE, "account": Count(100, NOW), "address": NONE},
        {"pair": NONE, "account": NONE, "address": Count(100, NOW)},
    ],
)
def test_at_any_limit_the_next_attempt_is_too_many(counts: dict[str, Count]) -> None:
    with pytest.raises(TooManyAttemptsError) as refused:
        admit(NOW, **counts)

    assert refused.value.retry_after == WINDOW.total_seconds()


@given(integers(1, int(WINDOW.total_seconds() * 1_000_000) - 1))
def test_the_wait_ends_when_the_first_attempt_leaves_the_window(microseconds: int) -> None:
    first = NOW - timedelta(microseconds=microseconds)
    with pytest.raises(TooManyAttemptsError) as refused:
        admit(NOW, pair=Count(10, first), account=NONE, address=NONE)

    wait = timedelta(seconds=refused.value.retry_after or 0)
    assert first + WINDOW <= NOW + wait < first + WINDOW + timedelta(seconds=1)


def test_an_attempt_names_an_account_however_it_is_typed_and_keeps_no_text() -> None:
    attempt = Attempt.at("ADA@Example.com", HOME)

    assert attempt == Attempt.at(ADA, HOME)
    assert "ada" not in attempt.account.lower()
    assert len(Attempt.at("x" * 10_000, "y" * 10_000).address) <= 64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8:0::1"),
    ],
)
def test_addresses_of_one_subscriber_are_one(one: str, other: str) -> None:
    assert Attempt.at(ADA, one) == Attempt.at(ADA, other)


@pytest.mark.parametrize("other", ["192.0.2.2", "2001:db8:1:3::1", ""])
def test_others_are_not(other: str) -> None:
    assert Attempt.at(ADA, "192.0.2.1") != Attempt.at(ADA, other)
