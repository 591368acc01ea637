"""`bookstore import goodbooks FILE`: cut the file, send the parts, say what became of them."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bookstore.cli.client import Client, RefusedError, staff
from bookstore.cli.importer.cut import Part, cut, read_feed
from bookstore.cli.importer.report import Report
from bookstore.cli.terminal import (
    DEFAULT_URL,
    CommandError,
    StaffEmail,
    StaffPassword,
    Url,
    err,
    out,
)

app: Final = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Load books from a feed into a running store.",
)


@app.command()
def goodbooks(
    file: Annotated[Path, typer.Argument(help="The feed's books.csv, UTF-8, comma separated.")],
    url: Url = DEFAULT_URL,
    email: StaffEmail = None,
    password: StaffPassword = None,
    copies: Annotated[
        int, typer.Option(min=0, max=10_000, help="Of each book that is stocked nowhere yet.")
    ] = 10,
    report: Annotated[
        Path | None, typer.Option(help="Write every refusal and every note here, as CSV.")
    ] = None,
) -> None:
    """Load the goodbooks-10k feed, as staff.

    Rows are keyed by the feed's book_id, so it is safe to repeat: a repeated import changes
    nothing and refills no stock. ISBN-10s become ISBN-13s; rows without an ISBN are loaded
    without one; where the feed has no price, a book gets the same one each time. A row that
    cannot be loaded is refused with its reason, the rest loads.

    Example: bookstore import goodbooks books.csv --email staff@bookstore.example --password …
    """
    parts = list(cut(read_feed(file)))
    with staff(url, email, password) as client:
        outcome = _send(client, parts, copies=copies)
    if not outcome.counts["received"]:
        raise CommandError(f"{file} has a header and no rows: nothing was loaded.")
    outcome.show(out)
    if report is not None:
        outcome.write(report)
        out.print(f"every refusal and note: {report}")


def _send(client: Client, parts: list[Part], *, copies: int) -> Report:
    report = Report()
    columns = (TextColumn("loading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("loading", total=sum(part.rows for part in parts))
        for part in parts:
            report.add(_load(client, part, copies))
            progress.advance(bar, part.rows)
    return report


def _load(client: Client, part: Part, copies: int) -> dict[str, int]:
    query = {"feed": "goodbooks", "first_line": part.first_line, "copies": copies}
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    try:
        answer = client.post(
            "/api/v1/books/import", params=query, content=part.body, headers=headers
        )
    except RefusedError as error:
        if error.code.startswith("feed-"):  # of the header, which all parts share, or the bytes
            raise CommandError(
                f"The feed was refused: {error.problem['detail']}; nothing was loaded."
            ) from error
        raise
    return dict(answer.json())
