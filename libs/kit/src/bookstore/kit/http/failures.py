"""What can be wrong with a request before anybody inside has seen it."""

from bookstore.kit.errors import (
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)


class RouteNotFoundError(NotFoundError):
    """Nothing is at this address."""

    code = "route-not-found"

    def __init__(self) -> None:
        super().__init__("nothing is at this address")


class MethodNotAllowedError(InvalidError):
    """What is at this address cannot be asked that; `Allow` says what it can be asked."""

    code = "method-not-allowed"

    def __init__(self, allow: str) -> None:
        super().__init__(f"it can be asked {allow}")
        self.allow = allow


class TokenMissingError(UnauthenticatedError):
    """An access token is needed: `Authorization: Bearer <token>`."""

    code = "token-missing"

    def __init__(self) -> None:
        super().__init__("an access token is needed: Authorization: Bearer <token>")


class RoleMissingError(ForbiddenError):
    """You are signed in, but this is for others: none of your roles suffices."""

    code = "role-missing"

    def __init__(self) -> None:
        super().__init__("none of your roles suffices")


class MalformedError(InvalidError):
    """It cannot be read: broken JSON, bytes that are no text, or a header that is missing."""

    code = "malformed"


class IdempotencyKeyRequiredError(InvalidError):
    """Idempotency-Key is needed: one per attempt, so that a repeat has no second effect."""

    code = "idempotency-key-required"

    def __init__(self) -> None:
        super().__init__("Idempotency-Key is needed: one key per attempt, chosen by you")


class IdempotencyKeyInvalidError(InvalidError):
    """An Idempotency-Key is 1 to 255 visible ASCII characters, and there is only one."""

    code = "idempotency-key-invalid"

    def __init__(self) -> None:
        super().__init__("an Idempotency-Key is 1 to 255 visible ASCII characters")


class UnsupportedTypeError(InvalidError):
    """The body must be of the documented content type, in UTF-8 and not compressed."""

    code = "unsupported-type"

    def __init__(self, content_type: str) -> None:
        super().__init__(f"the body must be {content_type}, in UTF-8 and not compressed")


class TooLargeError(InvalidError):
    """The body is larger than this operation takes."""

    code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit} bytes are taken")


class TooSlowError(InvalidError):
    """The body did not arrive in time."""

    code = "too-slow"

    def __init__(self) -> None:
        super().__init__("the body did not arrive in time")


class HeadTooLargeError(InvalidError):
    """The request's line and headers are longer, or more, than are taken."""

    code = "head-too-large"

    def __init__(self, limit: int, fields: int) -> None:
        super().__init__(f"a request's head has at most {limit} bytes and {fields} headers")


class HeadTooSlowError(InvalidError):
    """The request's line and headers did not arrive in time."""

    code = "head-too-slow"

    def __init__(self) -> None:
        super().__init__("the request's head did not arrive in time")


class DrainingError(UnavailableError):
    """This process is about to end; the next one answers."""

    code = "draining"

    def __init__(self) -> None:
        super().__init__("this process is about to end; try again", retry_after=1)


class NotReadyError(UnavailableError):
    """This process cannot answer yet, or not for long."""

    code = "not-ready"


def invalid(*fields: FieldError) -> InvalidError:
    """Return the failure of a request that breaks its schema."""
    return InvalidError(
        "; ".join(f"{field.pointer or 'the body'}: {field.message}" for field in fields), *fields
    )
