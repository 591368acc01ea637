"""What a book is about. The categories are few and fixed: a migration brings them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

CategoryId = NewType("CategoryId", int)


class CategorySort(StrEnum):
    """By what categories are sorted."""

    ID = "id"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Category:
    """What a book is about."""

    id: CategoryId
    name: str
