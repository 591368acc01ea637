"""What the simulated card network keeps: whose money it holds, took and paid back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bookstore.kit.database import Session, UniqueViolation, prepare
from bookstore.kit.money import Money
from bookstore.payment.outbound.simulator.tables import AUTHORISATION, REFUND, UNHEARD

_FIND = prepare(
    select(AUTHORISATION).where(AUTHORISATION.c.network_key == bindparam("key")).with_for_update()
)
_ADD = prepare(insert(AUTHORISATION).values({c: bindparam(c.name) for c in AUTHORISATION.c}))
_SAVE = prepare(
    update(AUTHORISATION)
    .where(AUTHORISATION.c.network_key == bindparam("key"))
    .values(
        status=bindparam("status"),
        refunded_amount=bindparam("refunded_amount"),
        updated_at=bindparam("updated_at"),
        version=AUTHORISATION.c.version + 1,
    )
)
_FIND_REFUND = prepare(select(REFUND.c.refund_key).where(REFUND.c.refund_key == bindparam("key")))
_ADD_REFUND = prepare(insert(REFUND).values({c: bindparam(c.name) for c in REFUND.c}))
_ADD_UNHEARD = prepare(insert(UNHEARD).values({c: bindparam(c.name) for c in UNHEARD.c}))


class Standing(StrEnum):
    """Where an authorisation stands at the network."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What the network knows under a key."""

    token: str
    amount: Money
    refunded: int
    standing: Standing


class Ledger:
    """The network's tables, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, key: str) -> Authorisation | None:
        """Return what is known under the key; until the end of the unit it stays as it is."""
        row: Any = self._session.run(_FIND, key=key).one_or_none()
        if row is None:
            return None
        amount = Money(row.amount, row.currency)
        return Authorisation(row.token, amount, row.refunded_amount, Standing(row.status))

    def add(self, key: str, token: str, amount: Money, standing: Standing, now: datetime) -> None:
        """Keep a new authorisation, or that there will be none."""
        self._session.run(
            _ADD,
            network_key=key,
            token=token,
            currency=amount.currency,
            amount=amount.amount,
            refunded_amount=0,
            status=standing.value,
            created_at=now,
            updated_at=now,
            version=1,
        )

    def move(self, key: str, known: Authorisation, standing: Standing, now: datetime) -> None:
        """Keep where the authorisation stands now."""
        self._session.run(
            _SAVE,
            key=key,
            status=standing.value,
            refunded_amount=known.refunded,
            updated_at=now,
        )

    def has_refund(self, refund_key: str) -> bool:
        """Whether money went back under this key."""
        return self._session.run(_FIND_REFUND, key=refund_key).one_or_none() is not None

    def refund(
        self, key: str, known: Authorisation, refund_key: str, amount: int, now: datetime
    ) -> None:
        """Keep that money went back."""
        self._session.run(
            _ADD_REFUND, refund_key=refund_key, network_key=key, amount=amount, created_at=now
        )
        self._session.run(
            _SAVE,
            key=key,
            status=known.standing.value,
            refunded_amount=known.refunded + amount,
            updated_at=now,
        )

    def fail_to_hear(self, key: str, now: datetime) -> bool:
        """Keep that a call was not heard; False if one with this key was not heard before."""
        try:
            self._session.run(_ADD_UNHEARD, network_key=key, created_at=now)
        except UniqueViolation:
            return False
        return True
