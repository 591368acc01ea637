"""What a connection to MariaDB or MySQL is set to, whatever its server's defaults are.

Strict mode and no backslash surprises, so that a value that does not fit is refused; times are
UTC; text is utf8mb4. A unit that writes sees what is committed (READ COMMITTED, as the row locks
of our statements expect); a unit that only reads sees one snapshot and can change nothing.
"""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pymysql
from pymysql.constants import CLIENT, CR, FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import Cursor
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.engine import URL

from bookstore.kit.database.failures import DatabaseUnreachableError

Connection: TypeAlias = "pymysql.Connection[Cursor]"

DIALECT: Final = MySQLDialect_pymysql(paramstyle="format")
PORT: Final = 3306
CONNECT_TIMEOUT: Final = 5  # seconds, as all of these
STATEMENT_TIMEOUT: Final = 10
LOCK_TIMEOUT: Final = 5
ANSWER_TIMEOUT: Final = 15  # longer than a statement may take: then the server is gone
UNHURRIED: Final = 3600  # rebuilding a large table, or reading all of it, takes its time

_MODE: Final = (
    "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY"
)
_SESSION: Final = (
    f"SET SESSION sql_mode = '{_MODE}', time_zone = '+00:00',"
    f" innodb_lock_wait_timeout = {LOCK_TIMEOUT}"
)
_WRITING: Final = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
_READING: Final = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# Money and counts are whole numbers; the sum of some is a DECIMAL all the same.
_CONVERSIONS: Final[dict[Any, Any]] = {
    **conversions,
    FIELD_TYPE.DECIMAL: int,
    FIELD_TYPE.NEWDECIMAL: int,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is.

    `certificates` is a file with those that vouch for the server: then there is TLS or nothing.
    `certificate` and `key` are files with what we show of ourselves.
    """

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    certificates: str | None = None
    certificate: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, url: URL) -> "Place":
        """Return the place of a URL that check_url has found good."""
        return cls(
            host=url.host or "",
            port=url.port or PORT,
            name=url.database or "",
            user=url.username or "",
            password=str(url.password or ""),
            certificates=_file(url, "ssl_ca"),
            certificate=_file(url, "ssl_cert"),
            key=_file(url, "ssl_key"),
        )

    def __str__(self) -> str:
        return f"{self.name} at {self.host}:{self.port}"

    def open(self, *, reading: bool = False) -> Connection:
        """Connect, for units that write or for units that only read; raises pymysql.Error."""
        connection = self._connect(ANSWER_TIMEOUT)
        try:
            connection.query(_READING if reading else _WRITING)
            connection.query(_statement_timeout(connection, STATEMENT_TIMEOUT))
        except BaseException:
            connection.close()
            raise
        return connection

    def open_to_migrate(self) -> Connection:
        """Connect without haste; raises DatabaseUnreachableError."""
        return self._open_without_haste()

    def open_to_look(self) -> Connection:
        """Connect for reading all there is in one snapshot; raises DatabaseUnreachableError."""
        connection = self._open_without_haste()
        connection.query(_READING)
        connection.query(_statement_timeout(connection, UNHURRIED))
        return connection

    def _open_without_haste(self) -> Connection:
        try:
            return self._connect(UNHURRIED)
        except pymysql.Error as error:
            reason = error.args[-1]
            raise DatabaseUnreachableError(
                f"the database {self} cannot be opened ({reason}): does its server run, is there "
                "such a database, and may we use it?"
            ) from error

    def _connect(self, answer_timeout: int) -> Connection:
        try:
            connection = self._greeted()
        except OSError as error:  # certificates that are not there, or are none
            raise pymysql.OperationalError(
                CR.CR_SSL_CONNECTION_ERROR, f"no TLS: {error}"
            ) from error
        # Whoever accepts must also greet us in time; from now on answers may take longer.
        connection._read_timeout = connection._write_timeout = answer_timeout  # type: ignore[attr-defined]  # noqa: SLF001 — PyMySQL has no other way
        return connection

    def _greeted(self) -> Connection:
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=self.name,
            charset="utf8mb4",
            conv=_CONVERSIONS,
            client_flag=CLIENT.FOUND_ROWS,  # a row that is set to what it was is a changed row
            init_command=_SESSION,
            autocommit=False,
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=CONNECT_TIMEOUT,
            write_timeout=CONNECT_TIMEOUT,
            ssl_ca=self.certificates,
            ssl_cert=self.certificate,
            ssl_key=self.key,
            ssl_verify_cert=True if self.certificates else None,
            ssl_verify_identity=True if self.certificates else None,
        )


def _file(url: URL, option: str) -> str | None:
    value = url.query.get(option)
    return value if isinstance(value, str) else None


def is_mariadb(connection: Connection) -> bool:
    """Tell the two servers apart."""
    return "MariaDB" in connection.get_server_info()  # type: ignore[no-untyped-call]  # it is a string


def _statement_timeout(connection: Connection, seconds: float) -> str:
    """MariaDB ends any statement that takes too long, MySQL only those that read."""
    if is_mariadb(connection):
        return f"SET SESSION max_statement_time = {seconds}"
    return f"SET SESSION max_execution_time = {int(seconds * 1000)}"
