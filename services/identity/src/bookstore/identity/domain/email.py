"""An e-mail address: shown as it was typed, compared as people would compare it.

Only mail shows whether an address works; what is refused here cannot, as a typing error would have
it: a domain without a dot, a dot too many, brackets from a mail program (RFC 5321, section 4.1.2,
without quoted names and address literals; letters of all scripts are fine, RFC 6531).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from bookstore.kit.errors import ConflictError, FieldError, InvalidError

LONGEST = 254  # characters: RFC 5321, section 4.5.3.1.3, less the brackets
LONGEST_NAME = 64  # characters before the @: section 4.5.3.1.1

_SPECIAL = re.compile(r'[<>()\[\],:;"\\]')  # what a name would have to be quoted for
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(?<!_)")
_NUMBER = re.compile(r"[0-9]+")


class EmailInvalidError(InvalidError):
    """This is no e-mail address."""

    code = "email-invalid"

    def __init__(self, reason: str) -> None:
        field = FieldError(pointer="/email", code=self.code, message=reason)
        super().__init__("this is no e-mail address", field)


class EmailTakenError(ConflictError):
    """Another account has this e-mail address, perhaps in other capitals."""

    code = "email-taken"

    def __init__(self) -> None:
        super().__init__("another account has this e-mail address")


@dataclass(frozen=True)
class Email:
    """An address with one @ and neither blanks nor anything invisible."""

    text: str

    def __post_init__(self) -> None:
        name, at, domain = self.text.partition("@")
        if not (name and at and domain) or "@" in domain:
            raise EmailInvalidError("an address is a name, one @ and a domain")
        if len(self.text) > LONGEST:
            raise EmailInvalidError(f"an address has {LONGEST} characters at most")
        if any(unicodedata.category(character)[0] in "CZ" for character in self.text):
            raise EmailInvalidError("there is a blank or something invisible in it")

    @classmethod
    def typed(cls, text: str) -> "Email":
        """Return the address that somebody types now; raises EmailInvalidError if it cannot work.

        Addresses that are known already stay what they are.
        """
        email = cls(text)
        name, _, domain = text.partition("@")
        _check_name(name)
        _check_domain(domain)
        return email

    @cached_property
    def key(self) -> str:
        """What two addresses have in common if they are the same."""
        return email_key(self.text)


def email_key(text: str) -> str:
    """Return what any text, address or not, is compared by."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded)


def _check_name(name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise EmailInvalidError(f"there are {LONGEST_NAME} characters before the @ at most")
    if _SPECIAL.search(name):
        raise EmailInvalidError("brackets, quotes, commas and colons do not belong in it")
    if "" in name.split("."):
        raise EmailInvalidError("before the @, dots stand singly and between other characters")


def _check_domain(domain: str) -> None:
    """Raise EmailInvalidError unless mail could find the domain: `localhost` is none."""
    labels = unicodedata.normalize("NFC", domain).split(".")
    if len(labels) == 1:
        raise EmailInvalidError("the domain has a dot, as in example.com")
    if not all(map(_LABEL.fullmatch, labels)) or _NUMBER.fullmatch(labels[-1]):
        raise EmailInvalidError("the domain is made of words with dots between, as in example.com")
