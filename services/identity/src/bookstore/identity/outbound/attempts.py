"""Attempts to sign in, counted in a SQL database."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from bookstore.identity.domain.throttle import WINDOW, Attempt, Count, admit
from bookstore.identity.outbound.tables import ATTEMPT
from bookstore.kit.database import Prepared, Session, prepare

_ACCOUNT = ATTEMPT.c.account == bindparam("account")
_ADDRESS = ATTEMPT.c.address == bindparam("address")
_RECENT = ATTEMPT.c.created_at > bindparam("since")
_COUNTED = select(func.count(), func.min(ATTEMPT.c.created_at)).where(_RECENT)

# Guesses at one account are counted one after the other, from the second on: the first few, which
# run beside each other where there is no row to hold yet, are fewer than are forgiven.
_HOLD = prepare(select(ATTEMPT.c.id).where(_ACCOUNT).with_for_update())
_PAIR = prepare(_COUNTED.where(_ACCOUNT, _ADDRESS))
_BY_ACCOUNT = prepare(_COUNTED.where(_ACCOUNT))
_BY_ADDRESS = prepare(_COUNTED.where(_ADDRESS))
_ADD = prepare(
    insert(ATTEMPT).values(
        {name: bindparam(name) for name in ("account", "address", "created_at")}
    )
)
_TAKE_BACK = prepare(delete(ATTEMPT).where(ATTEMPT.c.id == bindparam("id")))
_RESET = prepare(delete(ATTEMPT).where(_ACCOUNT, _ADDRESS))
_FORGET = prepare(delete(ATTEMPT).where(ATTEMPT.c.created_at <= bindparam("since")))


class SqlAttempts:
    """The table of attempts, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def count(self, attempt: Attempt, now: datetime) -> int:
        """Count the attempt, and return its number.

        Raises TooManyAttemptsError, and then does not count it.
        """
        since = now - WINDOW
        account, address = attempt.account, attempt.address
        self._session.run(_HOLD, account=account)
        admit(
            now,
            pair=self._number(_PAIR, account=account, address=address, since=since),
            account=self._number(_BY_ACCOUNT, account=account, since=since),
            address=self._number(_BY_ADDRESS, address=address, since=since),
        )
        self._session.run(_FORGET, since=since)
        added = self._session.run(_ADD, account=account, address=address, created_at=now)
        return added.inserted_id

    def take_back(self, number: int) -> None:
        """Forget one attempt: nobody could tell whether it was right."""
        self._session.run(_TAKE_BACK, id=number)

    def reset(self, attempt: Attempt) -> None:
        """Forget the attempts on this account from this address: one was right."""
        self._session.run(_RESET, account=attempt.account, address=attempt.address)

    def _number(self, counted: Prepared, **values: object) -> Count:
        number, first = self._session.run(counted, **values).one()
        return Count(number, first)
