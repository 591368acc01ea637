"""A form body (application/x-www-form-urlencoded): names and values, each name once."""

from urllib.parse import parse_qsl

_MOST = 20  # fields


class BadFormError(ValueError):
    """The body is no form, or one that could be read in two ways."""


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields; one without a value is as if it were left out (RFC 6749, 3.2)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST
        )
    except ValueError as error:
        raise BadFormError("the body is not a form in UTF-8") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadFormError("a field is named more than once")
    if any("\0" in value for value in fields.values()):
        raise BadFormError("there is a NUL in it")
    return {name: value for name, value in fields.items() if value}
