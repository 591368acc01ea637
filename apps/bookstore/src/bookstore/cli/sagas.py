"""`bookstore sagas`: what staff see of the order sagas, and what they do about stuck ones."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from bookstore.cli.client import staff
from bookstore.cli.terminal import (
    DEFAULT_URL,
    CommandError,
    StaffEmail,
    StaffPassword,
    Url,
    out,
)
from bookstore.cli.timeline import state as coloured
from bookstore.cli.timeline import timeline

PAGE: Final = 100
SAGAS: Final = "/api/v1/sagas"

app: Final = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="See the order sagas of a running store, and help those that are stuck (as staff).",
)
SagaId = Annotated[str, typer.Argument(help="The saga's id, as `bookstore sagas list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the saga.")]


@app.command("list")
def list_sagas(
    state: Annotated[
        str | None,
        typer.Option(
            help="Only those: requested, running, completed, compensating, compensated or stuck."
        ),
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only those that began so long ago: 90s, 10m, 2h, 1d.")
    ] = None,
    url: Url = DEFAULT_URL,
    email: StaffEmail = None,
    password: StaffPassword = None,
) -> None:
    """List sagas, the oldest first; `--state stuck` are the ones that wait for you."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns, an id whole
    for column in ("saga", "name", "state", "age", "quiet"):
        table.add_column(column, no_wrap=True)
    wanted = {"state": state, "older_than": older_than}
    query: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    total = shown = 0
    with staff(url, email, password) as client:
        while shown < total or not shown:
            page = client.get(SAGAS, params=query | {"limit": PAGE, "offset": shown}).json()
            total = page["total"]
            if not page["items"]:
                break
            shown += len(page["items"])
            for saga in page["items"]:
                table.add_row(
                    saga["saga_id"],
                    saga["name"],
                    coloured(saga["state"]),
                    _ago(saga["created_at"]),
                    _ago(saga["updated_at"]),
                )
    if shown:
        out.print(table)
    out.print(f"{total} saga{'' if total == 1 else 's'}")


@app.command()
def show(
    saga: SagaId, url: Url = DEFAULT_URL, email: StaffEmail = None, password: StaffPassword = None
) -> None:
    """Show a saga's timeline: every attempt at every step, and how it went."""
    with staff(url, email, password) as client:
        found = client.get(f"{SAGAS}/{saga}").json()
    out.print(f"order {found['order_id']}")
    out.print(timeline(found))


@app.command()
def retry(
    saga: Annotated[str | None, typer.Argument(help="The stuck saga's id.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every saga that is stuck.")] = False,
    url: Url = DEFAULT_URL,
    email: StaffEmail = None,
    password: StaffPassword = None,
) -> None:
    """Try a stuck step again, once what made it fail has been mended."""
    if (saga is None) is not every:
        raise CommandError("Say which saga to retry, or --all for every one that is stuck.")
    with staff(url, email, password) as client:
        if every:
            out.print(f"{client.post(f'{SAGAS}/retry').json()['total']} sagas go on")
        else:
            client.post(f"{SAGAS}/{saga}/retry")
            out.print(f"saga {saga} goes on")


@app.command()
def abandon(
    saga: SagaId,
    reason: Reason,
    url: Url = DEFAULT_URL,
    email: StaffEmail = None,
    password: StaffPassword = None,
) -> None:
    """Give a stuck saga up: it is fenced off, and the order is cancelled and paid back."""
    with staff(url, email, password) as client:
        client.post(f"{SAGAS}/{saga}/abandon", json={"reason": reason})
    out.print(f"saga {saga} is given up; its order is being cancelled")


@app.command()
def settle(
    saga: SagaId,
    reason: Reason,
    url: Url = DEFAULT_URL,
    email: StaffEmail = None,
    password: StaffPassword = None,
) -> None:
    """Record that the stuck step was settled outside the store, such as by a bank transfer.

    The saga goes on after it; `bookstore verify` counts what was settled.
    """
    with staff(url, email, password) as client:
        client.post(f"{SAGAS}/{saga}/settle", json={"reason": reason})
    out.print(f"saga {saga}: the step counts as settled outside")


def _ago(instant: str) -> str:
    """Say how long ago it was: 12s, 5m, 3h, 2d."""
    seconds = max(int((datetime.now(UTC) - datetime.fromisoformat(instant)).total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
