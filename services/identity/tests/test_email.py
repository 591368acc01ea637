import pytest
from hypothesis import given
from hypothesis.strategies import text

from bookstore.identity.domain.email import Email, EmailInvalidError, email_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
        ("caf\u00e9@example.com", "cafe\u0301@example.com"),
        ("CAFE\u0301@example.com", "caf\u00c9@example.com"),
    ],
)
def test_addresses_are_the_same_whatever_their_capitals_and_composition(
    one: str, other: str
) -> None:
    assert Email(one).key == Email(other).key


def test_an_accent_makes_another_address() -> None:
    assert Email("cafe@example.com").key != Email("café@example.com").key


def test_an_address_is_shown_as_it_was_typed() -> None:
    assert Email("Ada@Example.COM").text == "Ada@Example.COM"


@given(text())
def test_folding_twice_is_folding_once(address: str) -> None:
    assert email_key(email_key(address)) == email_key(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@b@example.com",
        " ada@example.com",
        "ada@example.com ",
        "ada lovelace@example.com",
        "ada\u00a0@example.com",
        "ada@example.com\n",
        "ada@exa\0mple.com",
        "ada\u200b@example.com",
        f"{'a' * 251}@b.c",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(EmailInvalidError):
        Email(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{'a' * 65}@example.com",
        f"ada@{'b' * 64}.com",
        "ada@localhost",
        "ada@example",
        "ada@example.com.",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam_ple!.com",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        ".ada@example.com",
        "ada.@example.com",
        "ada..lovelace@example.com",
        "<ada@example.com>",
        "Ada<ada@example.com",
        "ada@example.com>",
        '"ada"@example.com',
        "ada,bob@example.com",
        "mailto:ada@example.com",
    ],
)
def test_what_mail_cannot_find_is_refused_unless_it_is_known(text: str) -> None:
    with pytest.raises(EmailInvalidError) as refused:
        Email.typed(text)
    assert [field.pointer for field in refused.value.fields] == ["/email"]
    assert Email(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "a@b.c",
        "ada.lovelace+books@mail.example.com",
        "o'brien@example.co.uk",
        "ada_l-1@xn--bcher-kva.example",
        "ada@3com.example",
        "\u8d3e\u5b9d\u7389@b\u00fccher.example",
        "\uc774\uba54\uc77c@\ud55c\uad6d.example",
        f"{'a' * 64}@example.com",
        f"ada@{'b' * 63}.com",
    ],
)
def test_what_mail_can_find_is_an_address(text: str) -> None:
    assert Email.typed(text).text == text
