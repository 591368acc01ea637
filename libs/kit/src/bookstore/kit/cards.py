"""Card numbers: recognised so that none is ever stored, logged or passed on.

The rule is shared by the order and payment edges and by `bookstore verify`: 13 to 19 digits
once blanks and hyphens are taken out, the first of them 2 to 6, and a good Luhn check digit
(ISO/IEC 7812-1). ISBNs begin with 9, so the one in ten that passes Luhn is no card. What machines
write in hexadecimal (UUIDs, trace contexts, digests), whose digits pass once in some thousand,
is no card either.
"""

import re

_RUN = re.compile(r"(?<![0-9])[2-6](?:[ -]?[0-9]){12,18}(?![0-9])")
_MACHINES = re.compile(
    r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"  # a traceparent
    r"|(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{64}))\b",  # a trace id, a digest
    re.IGNORECASE,
)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in the text."""
    return any(_luhn(re.sub("[ -]", "", run)) for run in _RUN.findall(_MACHINES.sub("", text)))


def _luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0
