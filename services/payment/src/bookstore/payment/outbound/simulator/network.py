"""The simulated card network: one durable effect per key, and answers that get lost on cue."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import (
    Approved,
    CardNetwork,
    Declined,
    NetworkUnavailableError,
    Release,
)
from bookstore.payment.outbound.simulator.ledger import Ledger, Standing
from bookstore.payment.outbound.simulator.tokens import script

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How slow the network is where it is slow, and for how long it keeps silent; in seconds."""

    slow: float = 2.0
    silent: float = 30.0


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What to answer, unless the answer is lost."""

    reply: Approved | Declined
    lost: bool = False


_APPROVED = _Outcome(Approved())


@asynccontextmanager
async def open_simulator(
    url: str, *, clock: Clock | None = None, timing: Timing | None = None
) -> AsyncGenerator["SimulatedCardNetwork"]:
    """Open the network's own database and answer from it until the block ends."""
    with open_database(url, MIGRATIONS, readers=1) as database:
        ledger = database.transact(Ledger)
        yield SimulatedCardNetwork(ledger, clock or SystemClock(), timing or Timing())


class SimulatedCardNetwork(CardNetwork):
    """Keeps each effect before it answers; what it said under a key it says again."""

    def __init__(self, transact: Transact[Ledger], clock: Clock, timing: Timing) -> None:
        self._transact = transact
        self._clock = clock
        self._timing = timing

    async def authorise(self, key: str, token: str, amount: Money) -> Approved | Declined:
        if script(token).slow:
            await asyncio.sleep(self._timing.slow)
        return await self._answer(
            await self._transact(lambda ledger: self._authorise(ledger, key, token, amount))
        )

    async def capture(self, key: str) -> Approved | Declined:
        return await self._answer(await self._transact(lambda ledger: self._capture(ledger, key)))

    async def void(self, key: str) -> Release:
        return await self._transact(lambda ledger: self._void(ledger, key))

    async def refund(self, key: str, refund_key: str, amount: Money) -> Approved | Declined:
        return await self._answer(
            await self._transact(lambda ledger: self._refund(ledger, key, refund_key, amount))
        )

    async def _answer(self, outcome: _Outcome | None) -> Approved | Declined:
        if outcome is None or outcome.lost:
            await asyncio.sleep(self._timing.silent)
            raise NetworkUnavailableError("the card network does not answer")
        return outcome.reply

    def _authorise(self, ledger: Ledger, key: str, token: str, amount: Money) -> _Outcome | None:
        known = ledger.find(key)
        if known is not None:
            declined = script(known.token).authorise
            return _Outcome(declined) if declined else _APPROVED
        play, now = script(token), self._clock.now()
        if play.unheard and ledger.fail_to_hear(key, now):
            return None
        standing = Standing.DECLINED if play.authorise else Standing.AUTHORISED
        ledger.add(key, token, amount, standing, now)
        return _Outcome(play.authorise or Approved(), lost=play.lost == "authorise")

    def _capture(self, ledger: Ledger, key: str) -> _Outcome:
        known = ledger.find(key)
        if known is not None and known.standing is Standing.CAPTURED:
            return _APPROVED
        if known is None or known.standing is not Standing.AUTHORISED:
            return _Outcome(Declined("nothing-held", "nothing is held under this key"))
        play = script(known.token)
        if play.capture:
            return _Outcome(play.capture)
        ledger.move(key, known, Standing.CAPTURED, self._clock.now())
        return _Outcome(Approved(), lost=play.lost == "capture")

    def _void(self, ledger: Ledger, key: str) -> Release:
        known = ledger.find(key)
        if known is None:
            return Release.UNKNOWN
        if known.standing is Standing.CAPTURED:
            return Release.CAPTURED
        if known.standing is Standing.AUTHORISED:
            ledger.move(key, known, Standing.VOIDED, self._clock.now())
        return Release.VOIDED

    def _refund(self, ledger: Ledger, key: str, refund_key: str, amount: Money) -> _Outcome:
        if ledger.has_refund(refund_key):
            return _APPROVED
        known = ledger.find(key)
        if known is None or known.standing is not Standing.CAPTURED:
            return _Outcome(Declined("nothing-taken", "nothing was taken under this key"))
        play = script(known.token)
        if play.refund:
            return _Outcome(play.refund)
        if (
            amount.currency != known.amount.currency
            or known.refunded + amount.amount > known.amount.amount
        ):
            return _Outcome(Declined("refund-exceeds-capture", "so much was not taken"))
        ledger.refund(key, known, refund_key, amount.amount, self._clock.now())
        return _Outcome(Approved(), lost=play.lost == "refund")
