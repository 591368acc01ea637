"""What may not stand in a request: texts nobody can read, and card numbers anywhere."""

from bookstore.kit.cards import CardNumberError, holds_card_number
from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.text import clean, has_controls, is_visible


class TextInvalidError(InvalidError):
    """A text is blank, too long, or holds control characters."""

    code = "text-invalid"


class TokenRefusedError(InvalidError):
    """That is no payment token: they begin with `tok_`."""

    code = "payment-token-refused"


def readable(text: str, pointer: str) -> str:
    """Return the text in its canonical form; raises TextInvalidError, CardNumberError."""
    kept = clean(text)
    if not is_visible(kept):
        raise refusal(TextInvalidError, "there is nothing to see in it", pointer)
    if has_controls(kept):
        raise refusal(TextInvalidError, "it holds control characters", pointer)
    return without_card_number(kept, pointer)


def without_card_number(text: str, pointer: str) -> str:
    """Return the text; raises CardNumberError."""
    if holds_card_number(text):
        raise CardNumberError(pointer)
    return text


def payment_token(text: str) -> str:
    """Return the token; raises TokenRefusedError, CardNumberError."""
    pointer = "/payment_method/token"
    without_card_number(text, pointer)
    if not text.startswith("tok_"):
        raise refusal(TokenRefusedError, "a payment token begins with tok_", pointer)
    return text


def refusal(kind: type[InvalidError], message: str, pointer: str) -> InvalidError:
    """Make an error which points at the field it is about."""
    return kind(message, FieldError(pointer=pointer, code=kind.code, message=message))
