"""The scripts of the simulated card network: each card token says how its payment goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from bookstore.payment.application.ports import Declined


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How the payment goes: well, unless one of these says otherwise.

    `lost` is the operation whose effect happens but whose first answer never comes; with
    `unheard` the first call of a key has no effect, and no answer either.
    """

    authorise: Declined | None = None
    capture: Declined | None = None
    refund: Declined | None = None
    lost: Literal["authorise", "capture", "refund"] | None = None
    unheard: bool = False
    slow: bool = False


SCRIPTS: Final[Mapping[str, Script]] = {
    "tok_visa": Script(),
    "tok_declined": Script(authorise=Declined("card-declined", "the card was declined")),
    "tok_insufficient_funds": Script(
        authorise=Declined("insufficient-funds", "the card has insufficient funds")
    ),
    "tok_slow": Script(slow=True),
    "tok_timeout_before": Script(unheard=True),
    "tok_timeout_after": Script(lost="authorise"),
    "tok_capture_timeout_after": Script(lost="capture"),
    "tok_capture_declined": Script(
        capture=Declined("authorisation-expired", "the authorisation has expired")
    ),
    "tok_refund_timeout_after": Script(lost="refund"),
    "tok_refund_declined": Script(refund=Declined("refund-declined", "the card takes no refunds")),
}
UNKNOWN: Final = Script(authorise=Declined("unknown-token", "the card token is unknown"))


def script(token: str) -> Script:
    """Return the token's script; a token that nobody issued is declined."""
    return SCRIPTS.get(token, UNKNOWN)
