"""The codes of single fields (`errors[].code`): one table, for what refuses and for who reads."""

from enum import StrEnum
from typing import Self


class FieldCode(StrEnum):
    """What is wrong with one field, as far as its form goes; `meaning` is for people."""

    meaning: str

    REQUIRED = "required", "It is needed and is not there."
    UNKNOWN = "unknown", "There is no such field or parameter: look for a typing error."
    REPEATED = "repeated", "It is named, or listed, more than once."
    TYPE = "type", "It is of another JSON type than the one that is documented."
    ENUM = "enum", "It is none of the documented values, which `message` names."
    RANGE = "range", "The number is below its minimum or above its maximum."
    MULTIPLE = "multiple", "The number is no multiple of what it has to be."
    LENGTH = "length", "The text or list is shorter or longer than it may be."
    PATTERN = "pattern", "The text does not have the documented form."
    FORMAT = "format", "The instant, date, UUID or number is not written in its one form."
    BLANK = "blank", "There is nothing to see in the text: blanks or invisible characters only."
    CONTROL_CHARACTER = (
        "control-character",
        "Control characters, or line breaks, do not belong in it.",
    )
    INVALID = "invalid", "It breaks a rule that has no name of its own: `message` says which."

    def __new__(cls, code: str, meaning: str) -> Self:
        """Keep the meaning beside the code."""
        made = str.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made
