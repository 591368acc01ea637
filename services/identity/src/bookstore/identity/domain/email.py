"""An e-mail address: shown as it was typed, compared as people would compare it."""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from bookstore.kit.errors import ConflictError, FieldError, InvalidError

LONGEST = 254  # characters: RFC 5321, section 4.5.3.1.3, less the brackets


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

    @cached_property
    def key(self) -> str:
        """What two addresses have in common if they are the same."""
        return email_key(self.text)


def email_key(text: str) -> str:
    """Return what any text, address or not, is compared by."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded)
