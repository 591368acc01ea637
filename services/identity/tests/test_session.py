"""A session is a family of refresh tokens, which only the store can make."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookstore.identity.domain.account import UserId
from bookstore.identity.domain.session import GRACE, RefreshToken, Session, SessionEndedError
from bookstore.kit.ids import uuid7
from services.identity.tests.builders import NOW


def begun() -> Session:
    return Session.begun(uuid7(), UserId(uuid7()), NOW)


def test_a_token_is_read_as_it_was_written() -> None:
    session = begun()
    token = session.token(0)

    assert RefreshToken.read(str(token)) == token
    assert session.issued(token)


def test_the_secret_is_in_no_token() -> None:
    session = begun()

    assert session.secret not in str(session.token(0))
    assert str(session.token(0)) != str(session.token(1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "token",
        "a.b",
        "a.b.c.d",
        "01890a5dac96774bbcceb302099a8057.x.proof",
        "01890a5dac96774bbcceb302099a8057.-1.proof",
        "01890a5dac96774bbcceb302099a8057.\u0661.proof",
        "01890a5dac96774bbcceb302099a8057.99999999999999999999.proof",
        "not-a-family.1.proof",
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(SessionEndedError):
        RefreshToken.read(text)


def test_a_forged_proof_is_not_of_the_session() -> None:
    session = begun()
    token = session.token(0)

    assert not session.issued(replace(token, proof=token.proof[:-2] + "AA"))
    assert not session.issued(replace(token, number=1))
    assert not session.issued(begun().token(0))


def test_a_token_not_issued_yet_is_not_of_the_session() -> None:
    session = begun()

    assert not session.issued(session.token(1))


def test_only_the_token_before_is_forgiven_and_only_for_ten_seconds() -> None:
    session = replace(begun(), number=2, renewed_at=NOW)
    just_in_time = NOW + GRACE - timedelta(microseconds=1)

    assert session.is_newest(session.token(2))
    assert session.is_forgiven(session.token(1), just_in_time)
    assert not session.is_forgiven(session.token(1), NOW + GRACE)
    assert not session.is_forgiven(session.token(0), NOW)
