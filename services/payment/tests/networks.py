"""A card network in memory, whose calls fail when a test says so."""

from dataclasses import dataclass

from bookstore.kit.money import Money
from bookstore.payment.application.ports import (
    Approved,
    CardNetwork,
    Declined,
    NetworkUnavailableError,
    Release,
)

DECLINED_TOKENS = {
    "tok_declined": Declined("card-declined", "the card was declined"),
    "tok_insufficient_funds": Declined("insufficient-funds", "the card has insufficient funds"),
}


@dataclass(slots=True)
class Held:
    """What the network knows under a key."""

    token: str
    amount: Money
    standing: str = "authorised"
    refunded: int = 0


class FakeCardNetwork(CardNetwork):
    """Loses the next answer of an operation (`lose`) or never hears its next call (`unheard`)."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.refunds: dict[str, int] = {}
        self.lose: list[str] = []
        self.unheard: list[str] = []
        self.calls: list[str] = []

    @property
    def taken(self) -> int:
        """What it took in all and did not pay back."""
        captured = [held for held in self.held.values() if held.standing == "captured"]
        return sum(held.amount.amount - held.refunded for held in captured)

    @property
    def holding(self) -> list[str]:
        """The keys under which money is held."""
        return [key for key, held in self.held.items() if held.standing == "authorised"]

    async def authorise(self, key: str, token: str, amount: Money) -> Approved | Declined:
        self._hear("authorise")
        if key not in self.held:
            standing = "declined" if token in DECLINED_TOKENS else "authorised"
            self.held[key] = Held(token, amount, standing)
        self._answer("authorise")
        return DECLINED_TOKENS.get(self.held[key].token) or Approved()

    async def capture(self, key: str) -> Approved | Declined:
        self._hear("capture")
        held = self.held.get(key)
        if held is None or held.standing not in {"authorised", "captured"}:
            return Declined("nothing-held", "nothing is held")
        if held.token == "tok_capture_declined":
            return Declined("authorisation-expired", "the authorisation has expired")
        held.standing = "captured"
        self._answer("capture")
        return Approved()

    async def void(self, key: str) -> Release:
        self._hear("void")
        held = self.held.get(key)
        if held is None:
            return Release.UNKNOWN
        if held.standing == "captured":
            return Release.CAPTURED
        if held.standing == "authorised":
            held.standing = "voided"
        self._answer("void")
        return Release.VOIDED

    async def refund(self, key: str, refund_key: str, amount: Money) -> Approved | Declined:
        self._hear("refund")
        held = self.held.get(key)
        if refund_key not in self.refunds:
            if held is None or held.standing != "captured":
                return Declined("nothing-taken", "nothing was taken")
            if held.token == "tok_refund_declined":
                return Declined("refund-declined", "the card takes no refunds")
            if held.refunded + amount.amount > held.amount.amount:
                return Declined("refund-exceeds-capture", "so much was not taken")
            held.refunded += amount.amount
            self.refunds[refund_key] = amount.amount
        self._answer("refund")
        return Approved()

    def _hear(self, operation: str) -> None:
        self.calls.append(operation)
        if operation in self.unheard:
            self.unheard.remove(operation)
            raise NetworkUnavailableError("the card network does not answer")

    def _answer(self, operation: str) -> None:
        if operation in self.lose:
            self.lose.remove(operation)
            raise NetworkUnavailableError("the card network does not answer")
