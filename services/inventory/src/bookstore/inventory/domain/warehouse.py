"""A warehouse: a place where stock lies."""

from dataclasses import dataclass
from datetime import datetime

from bookstore.inventory.domain.stock import WarehouseId
from bookstore.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError
from bookstore.kit.text import clean, has_controls, is_visible


class WarehouseNotFoundError(NotFoundError):
    """There is no such warehouse."""

    code = "warehouse-not-found"


class WarehouseInUseError(ConflictError):
    """Stock lies in the warehouse: stop stocking books there first."""

    code = "in-use"


class TextInvalidError(InvalidError):
    """A text is blank, too long, or holds control characters."""

    code = "text-invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What people say of a warehouse; the capacity is information, not a limit."""

    name: str
    address: str | None
    capacity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A warehouse as we keep it."""

    id: WarehouseId
    description: Description
    created_at: datetime
    updated_at: datetime
    version: int


def described(name: str, address: str | None, capacity: int | None) -> Description:
    """Return the description, cleaned; raises TextInvalidError."""
    return Description(
        name=legible("/name", name),
        address=None if address is None else legible("/address", address),
        capacity=capacity,
    )


def legible(pointer: str, text: str) -> str:
    """Return the text in NFC and trimmed; raises TextInvalidError if people cannot read it."""
    cleaned = clean(text)
    if not is_visible(cleaned) or has_controls(cleaned):
        message = "something to read is needed, without control characters"
        raise TextInvalidError(
            message, FieldError(pointer=pointer, code="text-invalid", message=message)
        )
    return cleaned
