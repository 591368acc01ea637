"""Passwords: what may be one, and in which form it is hashed."""

import unicodedata

from bookstore.kit.errors import FieldError, InvalidError

SHORTEST, LONGEST = 8, 128  # characters: NIST SP 800-63B, section 5.1.1


class PasswordInvalidError(InvalidError):
    """This cannot be a password."""

    code = "password-invalid"

    def __init__(self, reason: str, pointer: str = "/password") -> None:
        field = FieldError(pointer=pointer, code=self.code, message=reason)
        super().__init__("this cannot be a password", field)


class PasswordWrongError(InvalidError):
    """The current password is another one."""

    code = "password-wrong"

    def __init__(self) -> None:
        message = "this is not your password"
        field = FieldError(pointer="/current_password", code=self.code, message=message)
        super().__init__(message, field)


def choose(password: str, pointer: str = "/password") -> str:
    """Return a new password in the form that is hashed; raises PasswordInvalidError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordInvalidError(f"a password has {SHORTEST} to {LONGEST} characters", pointer)
    if "\0" in password:
        raise PasswordInvalidError("a password has no NUL in it", pointer)
    return unicodedata.normalize("NFKC", password)


def recall(password: str) -> str | None:
    """Return a password in the form that was hashed, or None if it can be nobody's."""
    if len(password) > LONGEST:  # so that nobody makes us hash a novel
        return None
    return unicodedata.normalize("NFKC", password)
