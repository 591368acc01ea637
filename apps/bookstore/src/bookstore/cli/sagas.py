"""`bookstore sagas`: what staff see of the order sagas, and what they do about stuck ones."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from bookstore.cli.client import staff
from bookstore.cli.terminal import (
    DEFAULT_URL,
    CommandError,
    StaffEmail,
    StaffPassword,
    Url,
    out,
)
from bookstore.cli.timeline import STATES, timeline
from bookstore.cli.timeline import state as coloured

PAGE: Final = 100
SAGAS: Final = "/api/v1/sagas"
AGE: Final = re.compile(r"[0-9]{1,7}[smhd]?", re.ASCII)
ENDED: Final = {"completed", "compensated"}

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
    """List sagas, the oldest first; `--state stuck` are the ones that wait for you.

    Under a saga that is not at its end stands its step, and what went wrong last.
    """
    if state is not None and state not in STATES:
        raise CommandError(f"--state takes {', '.join(STATES)}; {state} is none of them.")
    if older_than is not None and not AGE.fullmatch(older_than):
        raise CommandError(
            "--older-than takes a number with s, m, h or d, such as 90s, 10m, 2h or 1d; "
            f"{older_than} is none."
        )
    wanted = {"state": state, "older_than": older_than}
    query: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    total = shown = 0
    with staff(url, email, password) as client:
        while shown < total or not shown:
            page = client.get(SAGAS, params=query | {"limit": PAGE, "offset": shown}).json()
            total = page["total"]
            if not page["items"]:
                break
            if not shown:
                out.print(
                    f"{'saga':36}  {'name':12}  {'state':12}  {'age':>4}  quiet", style="bold"
                )
            shown += len(page["items"])
            for saga in page["items"]:
                out.print(listed(saga), soft_wrap=True)
    out.print(f"{total} saga{'' if total == 1 else 's'}")


def listed(saga: dict[str, Any]) -> Text:
    """Write a saga in 80 columns, and what else there is to know in lines below."""
    state = coloured(saga["state"])
    state.pad_right(12 - len(saga["state"]))
    line = Text.assemble(
        f"{saga['saga_id']}  {saga['name']:12}  ",
        state,
        f"  {_ago(saga['created_at']):>4}  {_ago(saga['updated_at']):>5}",
    )
    if saga["order_id"] != saga["saga_id"]:
        line.append(f"\n    of order {saga['order_id']}", "dim")
    going = saga["state"] not in ENDED and saga["step"]
    if going or saga["state"] == "compensated":
        where = f"at {saga['step']}" if going else "because of"
        why = saga["error"] or ""
        if going or why:
            line.append(f"\n    {where}{':' if going and why else ''} {why}".rstrip(), "dim")
    return line


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
