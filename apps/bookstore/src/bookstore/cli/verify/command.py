"""`bookstore verify`: count, suspect, look again, and name what is wrong."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bookstore.cli.folder import SERVICES, existing, version_of
from bookstore.cli.terminal import CommandError, out
from bookstore.cli.verify.invariants import INVARIANTS, Finding, check
from bookstore.cli.verify.snapshot import SCHEMAS, files, open_snapshot

LOOK_AGAIN_S: Final = 2.0
MOST_SHOWN: Final = 20  # offending rows of one invariant


def verify(
    data: Annotated[Path, typer.Option(help="The store's data folder; it may be running.")] = Path(
        "bookstore-data"
    ),
    database: Annotated[
        list[str] | None,
        typer.Option(
            help="Instead of --data, once for each of the six services: order=sqlite:////x/order.db"
        ),
    ] = None,
) -> None:
    """Check every invariant of the data, read-only, beside a running store.

    Money and stock must agree with orders, every order with its saga, every ledger with its
    total, and no card number may be anywhere. What looks wrong is read again after two seconds,
    since a purchase in flight is no violation. Exit code 1 if an invariant is broken; then each
    offending row is named.
    """
    databases = _named(database) if database else files(existing(data))
    for name, file in databases.items():
        if file.exists():
            version_of(name, file)
    findings = examine(databases, LOOK_AGAIN_S)
    table = Table(box=None, padding=(0, 2))
    for column in ("invariant", "checked", "broken"):
        table.add_column(column, justify="left" if column == "invariant" else "right")
    for finding in findings:
        broken = len(finding.offenders)
        colour = "red" if broken else "green"
        table.add_row(finding.invariant, f"{finding.checked:,}", f"[{colour}]{broken:,}[/]")
    out.print(table)
    for finding in findings:
        for row in finding.offenders[:MOST_SHOWN]:
            out.print(f"[red]broken[/] {finding.invariant}: {escape(row)}", soft_wrap=True)
        if len(finding.offenders) > MOST_SHOWN:
            out.print(f"… and {len(finding.offenders) - MOST_SHOWN} more")
    if any(finding.offenders for finding in findings):
        raise typer.Exit(1)
    out.print("[green]every invariant holds[/]")


def examine(databases: Mapping[str, Path], pause_s: float) -> list[Finding]:
    """Check all invariants; only what is still wrong after a pause counts."""
    with open_snapshot(databases) as connection:
        findings = [check(connection, invariant) for invariant in INVARIANTS]
    if not any(finding.offenders for finding in findings):
        return findings
    time.sleep(pause_s)
    with open_snapshot(databases) as connection:
        again = [check(connection, invariant) for invariant in INVARIANTS]
    return [later.only(earlier.offenders) for earlier, later in zip(findings, again, strict=True)]


def _named(databases: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in databases:
        name, _, url = text.partition("=")
        try:
            parsed = make_url(url)
        except ArgumentError:
            parsed = make_url("none://")
        if name not in SCHEMAS or parsed.drivername != "sqlite" or not parsed.database:
            raise CommandError(f"{text} is not of the form order=sqlite:////folder/order.db.")
        found[name] = Path(parsed.database)
    missing = [service for service in SERVICES if service not in found]
    if missing:
        raise CommandError(f"The database of {', '.join(missing)} is not named.")
    return found
