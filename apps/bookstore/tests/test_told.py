"""What commands print: reports, timelines, and the newcomer's three commands."""

import csv
import io
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bookstore.cli.importer.report import Report
from bookstore.cli.sagas import listed
from bookstore.cli.timeline import timeline
from bookstore.cli.up import buyable
from bookstore.cli.welcome import Welcome
from bookstore.contracts.proto.book.v1.book_pb2 import Book, FindAllBooksResponse
from bookstore.contracts.proto.book.v1.book_pb2_grpc import (
    BookServiceServicer,
    add_BookServiceServicer_to_server,
)
from bookstore.contracts.proto.stock.v1.stock_pb2 import FindStockFiguresResponse, StockFigures
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import (
    StockServiceServicer,
    add_StockServiceServicer_to_server,
)
from bookstore.kit.rpc import Loopback


def told(thing: Any, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    thing.show(console) if hasattr(thing, "show") else console.print(thing)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def answer(**changes: object) -> dict[str, Any]:
    counts = {"received": 2, "created": 1, "unchanged": 0, "refused": 1, "stocked": 1}
    refusal = {"line": 3, "book_id": "7", "code": "isbn-invalid", "reason": "[bold] is no ISBN"}
    note = {"line": 2, "book_id": None, "code": "isbn13-float", "reason": "went through a float"}
    return counts | {"refusals": [refusal], "notes": [note]} | changes


def test_a_report_adds_the_parts_up_and_names_every_refused_row() -> None:
    report = Report()
    report.add(answer())
    report.add(answer(refusals=[{**answer()["refusals"][0], "line": 1003, "book_id": None}]))

    text = told(report)

    assert "4 rows read · 2 books loaded · 0 books we had · 2 rows refused" in text
    assert "[bold] is no ISBN" in text
    assert " 1003 " in text
    assert "isbn13-float, 2 times, such as line 2, book_id —: went through a float" in text


def test_a_report_can_be_kept_as_a_file(tmp_path: Path) -> None:
    report = Report()
    report.add(answer())

    report.write(tmp_path / "report.csv")

    with (tmp_path / "report.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["kind", "line", "book_id", "code", "reason"],
        ["refused", "3", "7", "isbn-invalid", "[bold] is no ISBN"],
        ["note", "2", "", "isbn13-float", "went through a float"],
    ]


def attempt(step: str, kind: str, status: str, ended: str | None, error: str | None = None) -> Any:
    times = {"started_at": "2026-11-25T12:00:00.000000Z", "ended_at": ended}
    return {"step": step, "kind": kind, "attempt": 1, "status": status, "error": error, **times}


def test_a_timeline_shows_what_was_done_and_what_was_undone() -> None:
    saga = {
        "saga_id": "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50",
        "name": "place_order",
        "state": "compensating",
        "timeline": [
            attempt("make_payment", "do", "rejected", "2026-11-25T12:00:00.012500Z", "declined"),
            attempt("make_payment", "undo", "running", None),
        ],
    }

    lines = [" ".join(line.split()) for line in told(timeline(saga)).splitlines()]

    assert lines[0].endswith("6b1d2c3e4f50: compensating")
    assert lines[2:] == [
        "make_payment 1 rejected (declined) 12.5 ms",
        "↩ make_payment 1 running …",
    ]


def test_what_staff_did_has_its_own_line_and_is_whole() -> None:
    staff = "01938a5e-7c4b-7d3a-9f21-000000000001"
    why = "the bank paid by hand " * 4
    at = "2026-11-25T12:00:00.012500Z"
    saga = {
        "saga_id": "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50",
        "name": "place_order",
        "state": "running",
        "timeline": [
            attempt("capture_payment", "do", "retried", at, f"{staff}: "),
            attempt("capture_payment", "do", "settled", at, f"{staff}: {why}"),
        ],
    }

    lines = told(timeline(saga), width=80).splitlines()

    assert lines[3].rstrip() == f"    by {staff}"
    assert why.strip() in " ".join(" ".join(lines[5:]).split())


@pytest.mark.parametrize(
    ("changes", "below"),
    [
        ({}, []),
        ({"state": "stuck", "step": "capture_payment", "error": "capture-declined"},
         ["    at capture_payment: capture-declined"]),
        ({"state": "running", "step": "refund_payment", "order_id": "another"},
         ["    of order another", "    at refund_payment"]),
        ({"state": "compensated", "error": "out-of-stock"}, ["    because of out-of-stock"]),
    ],
)  # fmt: skip
def test_a_saga_islisted_whole_in_80_columns(changes: dict[str, Any], below: list[str]) -> None:
    saga_id = "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50"
    at = "2026-11-25T12:00:00.000000Z"
    saga = {
        "saga_id": saga_id, "order_id": saga_id, "name": "cancel_order", "state": "completed",
        "step": None, "error": None, "created_at": at, "updated_at": at,
    } | changes  # fmt: skip

    first, *rest = told(listed(saga), width=80).splitlines()

    assert first.startswith(f"{saga_id}  cancel_order  {saga['state']} ")
    assert [line.rstrip() for line in rest] == below


def welcome(staff: tuple[str, str] | None = None) -> Welcome:
    return Welcome(
        url="http://127.0.0.1:8080", data="./data", book_id=7, search="hunger%20games", staff=staff
    )


def test_the_newcomers_commands_are_whole_lines_of_shell() -> None:
    lines = told(welcome()).splitlines()

    commands = [line.strip() for line in lines if line.startswith("  curl")]
    assert tuple(commands) == welcome().commands()
    for command in commands:
        assert subprocess.run(["/bin/sh", "-n", "-c", command], check=False).returncode == 0
    assert '"book_id":7' in commands[2]


def test_a_new_staff_account_is_shown_and_an_old_one_is_not() -> None:
    assert "staff@example.com, password s3cret" in told(welcome(("staff@example.com", "s3cret")))
    assert "Staff" not in told(welcome())


class Shelves(BookServiceServicer, StockServiceServicer):
    """Three books with such a title; of the oldest there is no copy left."""

    async def FindAllBooks(self, request: Any, _context: object) -> FindAllBooksResponse:
        assert request.title == "hunger games"
        return FindAllBooksResponse(items=[Book(id=8562), Book(id=7), Book(id=3)])

    async def FindStockFigures(self, request: Any, _context: object) -> FindStockFiguresResponse:
        figures = {8562: (10, 0), 7: (5, 4), 3: (2, 2)}
        return FindStockFiguresResponse(
            items=[
                StockFigures(book_id=i, quantity=figures[i][0], reserved_quantity=figures[i][1])
                for i in request.book_ids
            ]
        )


async def test_the_welcome_names_the_longest_known_book_that_can_be_bought() -> None:
    loopback = Loopback()
    shelves = Shelves()  # type: ignore[abstract]  # nobody asks for more
    add_BookServiceServicer_to_server(shelves, loopback.server)
    add_StockServiceServicer_to_server(shelves, loopback.server)

    assert await buyable(loopback, "hunger games") == 7
