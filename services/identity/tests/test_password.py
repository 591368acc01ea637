import pytest

from bookstore.identity.domain.password import PasswordInvalidError, choose, recall


@pytest.mark.parametrize(
    "password", ["12345678", "x" * 128, " blanks at the ends ", "пароль-пароль"]
)
def test_a_password_is_8_to_128_characters_of_any_kind(password: str) -> None:
    assert choose(password) == password


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129, "no\0nulnul"])
def test_other_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordInvalidError):
        choose(password)


def test_a_password_is_the_same_however_it_is_composed() -> None:
    assert choose("cafe\u0301 \ufb01ne") == recall("caf\u00e9 fine")


def test_a_longer_password_can_be_nobodys() -> None:
    assert recall("x" * 129) is None
