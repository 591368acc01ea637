"""`bookstore verify`: count, suspect, look again, and name what is wrong."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from bookstore.cli.folder import existing, version_of
from bookstore.cli.terminal import DATA, CommandError, Data, out
from bookstore.cli.verify.invariant import Finding, check
from bookstore.cli.verify.invariants import INVARIANTS
from bookstore.cli.verify.snapshot import count_rows, open_snapshot
from bookstore.cli.verify.sources import named, of_folder, of_services, services_are_set
from bookstore.kit.database import check_url, is_sqlite

LOOK_AGAIN_S: Final = 2.0
MOST_SHOWN: Final = 20  # offending rows of one invariant


def verify(
    context: typer.Context,
    data: Data = DATA,
    database: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=URL",
            help="Instead of --data, once for each of the six services: "
            "order=sqlite:////x/order.db or order=mysql://USER:PASSWORD@HOST/order; and "
            "card-network=…, if it is the simulator.",
        ),
    ] = None,
) -> None:
    """Check the data against invariants, read-only, beside a running store.

    Money: payments fit their orders and refunds, and the card network's books ours, both ways.
    Stock: its ledger adds up line by line, and orders hold what they bought. Orders: lines,
    numbers, where their sagas left them, and what buyers were told. Sagas: each step is written
    down. People: whose an order is, who may sign in, points. Catalogue: what is linked exists.
    And no card number is anywhere. Free texts, times and answers kept for repeated requests are
    not compared with anything.

    Where the services run apart, their own variables say where the databases are, if no option
    does: CATALOG_DATABASE_URL (or CATALOG_DATABASE_URL_FILE) and so on for all six, and
    CARD_NETWORK_URL, if the network is the simulator.

    The store need not be quiet. Each database is read as it was at one moment, all within an
    instant, order's last; and what looks wrong is read again after two seconds, since a purchase
    in flight is no violation. What is on MariaDB or MySQL is copied into a temporary file first
    (of about its size, where TMPDIR says), for which SELECT is enough; name the databases
    themselves, as replicas lag. Exit code 1 if an invariant is broken; then each offending row
    is named.
    """
    by_default = str(context.get_parameter_source("data")).endswith("DEFAULT")
    databases = _databases(None if by_default else data, database or [])
    examined = examine(databases, LOOK_AGAIN_S)
    table = Table(box=None, padding=(0, 2))
    for column in ("invariant", "checked", "broken"):
        table.add_column(column, justify="left" if column == "invariant" else "right")
    for finding in examined.findings:
        broken = len(finding.offenders)
        colour = "red" if broken else "green"
        table.add_row(finding.invariant, f"{finding.checked:,}", f"[{colour}]{broken:,}[/]")
    out.print(table)
    for finding in examined.findings:
        for row in finding.offenders[:MOST_SHOWN]:
            out.print(f"[red]broken[/] {finding.invariant}: {escape(row)}", soft_wrap=True)
        if len(finding.offenders) > MOST_SHOWN:
            out.print(f"… and {len(finding.offenders) - MOST_SHOWN} more")
    for sentence in examined.unchecked:
        out.print(f"[yellow]not checked[/], for want of a database: {sentence}", soft_wrap=True)
    checked, broken = len(examined.findings), examined.broken
    if broken:
        out.print(f"[red]{broken} of {checked} invariants are broken[/]")
        raise typer.Exit(1)
    out.print(f"[green]{checked} invariants hold over {examined.rows:,} rows[/]")


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, in how many rows, and what could not be looked at."""

    findings: list[Finding]
    rows: int
    unchecked: tuple[str, ...]

    @property
    def broken(self) -> int:
        """How many invariants are broken."""
        return sum(bool(finding.offenders) for finding in self.findings)


def examine(databases: Mapping[str, str], pause_s: float) -> Examined:
    """Check all invariants that can be; only what is still wrong after a pause counts."""
    first = _look(databases)
    if not first.broken:
        return first
    time.sleep(pause_s)
    again = _look(databases)
    findings = [
        later.only(earlier.offenders)
        for earlier, later in zip(first.findings, again.findings, strict=True)
    ]
    return replace(again, findings=findings)


def _look(databases: Mapping[str, str]) -> Examined:
    with open_snapshot(databases) as connection:
        possible = [i for i in INVARIANTS if i.can_be_checked(connection)]
        return Examined(
            findings=[check(connection, invariant) for invariant in possible],
            rows=count_rows(connection),
            unchecked=tuple(i.sentence for i in INVARIANTS if i not in possible),
        )


def _databases(data: Path | None, texts: list[str]) -> dict[str, str]:
    """Return the URLs of the databases to look at; raises CommandError."""
    if data is not None and texts:
        raise CommandError("Take --data or --database: which of the two counts?")
    if data is not None or not (texts or services_are_set()):
        return of_folder(existing(data or DATA))
    databases = named(texts) if texts else of_services()
    for name, url in databases.items():
        if is_sqlite(url) and (file := Path(check_url(url).database or "")).exists():
            version_of(name, file)
    return databases
