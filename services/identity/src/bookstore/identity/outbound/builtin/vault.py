"""All that our own provider keeps, within one transaction."""

from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.builtin.accounts import SqlAccounts
from bookstore.identity.outbound.builtin.keys import SqlSigningKeys
from bookstore.identity.outbound.builtin.sessions import SqlSessions
from bookstore.kit.database import Session


class Vault:
    """The provider's tables, which change together."""

    def __init__(self, session: Session) -> None:
        self.accounts = SqlAccounts(session)
        self.sessions = SqlSessions(session)
        self.attempts = SqlAttempts(session)
        self.keys = SqlSigningKeys(session)
