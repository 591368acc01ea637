"""The inbox as a table beside a participant's own."""

from functools import cache

from sqlalchemy import Column, MetaData, String, Table, bindparam, delete, insert, select

from bookstore.kit.database import Json, Prepared, Session, UniqueViolation, prepare
from bookstore.saga.inbox import Answer, AnsweredMeanwhileError, Inbox

KEY_LENGTH = 160


def inbox_columns() -> list[Column[object]]:
    """Return the columns of an inbox, for its table and for the migration that creates it."""
    return [
        Column("task_key", String(KEY_LENGTH), primary_key=True),
        Column("workflow_id", String(64), nullable=False),
        Column("output", Json),
        Column("code", String(64), nullable=False),
        Column("reason", String(500), nullable=False),
        Column("fields", Json, nullable=False),
    ]


def inbox_table(tables: MetaData) -> Table:
    """Describe the table `inbox` among a participant's tables."""
    return Table("inbox", tables, *inbox_columns(), sqlite_with_rowid=False)


class SqlInbox(Inbox):
    """The table of answers, as one transaction sees it."""

    def __init__(self, session: Session, table: Table) -> None:
        self._session = session
        self._find, self._keep, self._oldest, self._forget = _statements(table)

    def find(self, key: str) -> Answer | None:
        row = self._session.run(self._find, task_key=key).one_or_none()
        if row is None:
            return None
        return Answer(row.workflow_id, row.output, row.code, row.reason, tuple(row.fields))

    def keep(self, key: str, answer: Answer) -> None:
        try:
            self._session.run(
                self._keep,
                task_key=key,
                workflow_id=answer.workflow_id,
                output=answer.output,
                code=answer.code,
                reason=answer.reason[:500],
                fields=answer.fields,
            )
        except UniqueViolation as error:
            raise AnsweredMeanwhileError(f"{key} was answered meanwhile") from error

    def forget(self, before: str, most: int) -> int:
        keys = [row.task_key for row in self._session.run(self._oldest, before=before, most=most)]
        if keys:
            self._session.run(self._forget, last=keys[-1])
        return len(keys)


@cache
def _statements(table: Table) -> tuple[Prepared, ...]:
    key = table.c.task_key
    oldest = select(key).where(key < bindparam("before")).order_by(key).limit(bindparam("most"))
    return (
        prepare(select(table).where(key == bindparam("task_key"))),
        prepare(insert(table).values({c: bindparam(c.name) for c in table.c})),
        prepare(oldest),
        prepare(delete(table).where(key <= bindparam("last"))),
    )
