"""The commands, run against a running store as a person would."""

import csv
import re
import secrets
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import pytest
from apps.bookstore.tests.conftest import Run
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD, Store

from bookstore.cli.client import Client

# Faults that real shops reported: of ISBNs, of spreadsheets, of character references.
FEED = Path(__file__).with_name("feed.csv").read_text()


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("feed") / "books.csv"
    file.write_bytes(b"\xef\xbb\xbf" + FEED.replace("\n", "\r\n").encode())
    return file


def books(store: Store, **filters: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{store.url}/api/v1/books", params=filters)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_a_feed_is_loaded_and_every_refusal_is_reported(
    as_staff: Run, feed: Path, tmp_path: Path
) -> None:
    loaded = as_staff("import", "goodbooks", feed, "--report", tmp_path / "report.csv")

    assert loaded.code == 0, loaded.err
    found = re.search(
        r"15 rows read · (\d+) books loaded · (\d+) books we had · 4 rows refused", loaded.out
    )
    assert found is not None, loaded.out
    assert int(found[1]) + int(found[2]) == 11  # some are in the starter catalogue
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = [tuple(row[:4]) for row in csv.reader(file)]
    assert rows == [
        ("kind", "line", "book_id", "code"),
        ("refused", "6", "9005", "isbn-invalid"),
        ("refused", "7", "9006", "isbn-invalid"),
        ("refused", "9", "9008", "isbn-invalid"),
        ("refused", "17", "9015", "row-malformed"),
        ("note", "5", "9004", "other-title"),  # the starter catalogue's title of it
        ("note", "11", "9010", "isbn13-float"),
    ]
    assert "0439023484 is not an ISBN: its check digit is wrong" in loaded.out

    again = as_staff("import", "goodbooks", feed)

    assert "0 books loaded · 11 books we had · 4 rows refused · 0 books stocked" in again.out


@pytest.mark.parametrize(
    ("title", "isbn"),
    [
        ("A small x", "9780743419260"),
        ("Hyphens and a small x", "9788072037179"),
        ("A zero that was lost", "9780439554930"),
        ("Guarded from the spreadsheet", "9780439023481"),
        ("Ten digits that begin with 979", "9789794330012"),
        ("Whole", "9791023500257"),
        ("No ISBN at all", None),
        ("Tom & Jerry's \u0423\u0431\u0435", None),
        ("AT&T and R&D &c.", None),
        ("Two lines", None),
        ("The original", None),
    ],
)
def test_imported_books_are_on_sale(
    as_staff: Run, store: Store, feed: Path, title: str, isbn: str | None
) -> None:
    as_staff("import", "goodbooks", feed)

    found = books(store, isbn=isbn) if isbn else books(store, title=title)

    (book,) = found
    assert (book["title"] == title or bool(isbn), book["isbn"]) == (True, isbn)
    assert book["quantity"] >= 10
    assert book["price"]["amount"] > 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("book_id,title\n1,Caf\xe9\n".encode("latin-1"), "is not UTF-8"),
        (b"book_id;title\n1;A\n", "nothing was loaded"),
        (b"id,title\n1,A\n", "among them book_id and title"),
        (b"id,title\n1,A\n", "nothing was loaded"),
        (b"book_id,title\n", "has a header and no rows: nothing was loaded"),
    ],
)
def test_a_file_that_is_no_feed_is_one_sentence(
    as_staff: Run, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "books.csv"
    file.write_bytes(content)

    refused = as_staff("import", "goodbooks", file)

    assert refused.code == 2
    assert sentence in refused.err
    assert len(refused.err.strip().splitlines()) == 1


def test_the_demo_buys_and_fails_as_it_says(as_staff: Run) -> None:
    shown = as_staff("demo")

    assert shown.code == 0, shown.out + shown.err
    assert "201 order" in shown.out
    assert "402 card-declined" in shown.out
    assert "409 out-of-stock" in shown.out
    assert "3 clicks, 1 order" in shown.out
    assert "↩ make_payment" in shown.out
    assert "Two readers, one copy" in shown.out
    assert re.search(r"\d+ books have it in their title, such as", shown.out)


def test_staff_sell_the_same_last_copy_at_every_visit(as_staff: Run, store: Store) -> None:
    sold = []
    for _ in range(2):
        shown = as_staff("demo")
        assert shown.code == 0, shown.out + shown.err
        assert "staff put one copy of “The Only Copy” on the shelf" in shown.out
        sold += books(store, title="The Only Copy")

    first, second = sold
    assert first["id"] == second["id"]
    assert second["quantity"] == second["reserved_quantity"]


def test_the_demo_needs_no_staff(as_staff: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOKSTORE_STAFF_PASSWORD")

    shown = as_staff("demo")

    assert shown.code == 0, shown.out + shown.err
    (bought,) = re.findall(r"Buy “(.+)”", shown.out)
    ((short, left, asked),) = re.findall(r"of “(.+)” there are (\d+); we order (\d+)", shown.out)
    assert int(asked) == int(left) + 1
    assert short != bought
    assert f"{left} left" in shown.out or f"there are {left}" in shown.out


def test_the_demo_needs_two_books_to_tell_apart(as_staff: Run) -> None:
    refused = as_staff("demo", "--title", "no book is called this")

    assert (refused.code, "try --title" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [("--older-than", "10x", "90s, 10m, 2h or 1d"), ("--state", "foo", "compensated, stuck")],
)
def test_a_filter_that_is_none_says_what_is_allowed(
    as_staff: Run, option: str, value: str, allowed: str
) -> None:
    refused = as_staff("sagas", "list", option, value)

    assert refused.code == 2
    assert allowed in refused.err
    assert value in refused.err


def test_staff_see_sagas_and_their_timelines(as_staff: Run) -> None:
    as_staff("demo")

    listed = as_staff("sagas", "list", "--state", "compensated")

    assert listed.code == 0, listed.err
    saga = next(line.split()[0] for line in listed.out.splitlines() if "place_order" in line)
    shown = as_staff("sagas", "show", saga)
    assert f"place_order {saga}: compensated" in shown.out
    assert "↩ place_order" in shown.out


def test_there_is_nothing_to_help_where_nothing_is_stuck(as_staff: Run) -> None:
    listed = as_staff("sagas", "list", "--state", "stuck", "--older-than", "10m")
    retried = as_staff("sagas", "retry", "--all")
    undecided = as_staff("sagas", "retry")

    assert listed.out.strip() == "0 sagas"
    assert retried.out.strip() == "0 sagas go on"
    assert (undecided.code, "--all" in undecided.err) == (2, True)


@pytest.mark.parametrize("verb", ["show", "retry", "abandon", "settle"])
def test_a_saga_that_is_not_there_is_a_sentence(as_staff: Run, verb: str) -> None:
    reason = ("--reason", "a test") if verb in ("abandon", "settle") else ()

    refused = as_staff("sagas", verb, "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50", *reason)

    assert refused.code == 2
    assert "404" in refused.err


def test_commands_without_the_staff_account_say_so(as_staff: Run) -> None:
    wrong = as_staff("sagas", "list", "--password", "not the password")

    assert wrong.code == 2
    assert "address or password is wrong" in wrong.err


def test_the_data_of_a_running_store_are_verified(as_staff: Run, store: Store) -> None:
    verified = as_staff("verify", "--data", store.data)

    assert verified.code == 0, verified.out + verified.err
    assert re.search(r"\d\d invariants hold over [\d,]+ rows", verified.out)


def test_keys_are_rotated_beside_a_running_store(as_staff: Run, store: Store) -> None:
    rotated = as_staff("keys", "rotate", "--data", store.data)

    assert rotated.code == 0, rotated.err
    listed = as_staff("sagas", "list")
    assert listed.code == 0, listed.err


def test_a_lost_staff_account_gets_a_new_password(as_staff: Run, store: Store) -> None:
    reset = as_staff("staff", "reset", "--data", store.data)
    old = as_staff("sagas", "list")
    password = reset.out.rstrip().rpartition(" ")[2]
    new = as_staff("sagas", "list", "--password", password)
    back = as_staff("staff", "reset", "--data", store.data, "--password", STAFF_PASSWORD)

    assert reset.out.startswith(f"{STAFF_EMAIL}: the password is")
    assert (old.code, new.code, back.code) == (2, 0, 0)


@pytest.mark.parametrize("command", ["verify", "keys rotate", "staff reset"])
def test_a_folder_without_a_store_is_a_sentence(run: Run, tmp_path: Path, command: str) -> None:
    refused = run(*command.split(), "--data", tmp_path)

    assert refused.code == 2
    assert "holds no store" in refused.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("up --port 99999", "Invalid value for '--port'"),
        ("up --data=", "a folder has a name"),
        ("up --port abc", "see bookstore up --help."),
        ("up --prot 1", "No such option: --prot"),
        ("upp", "No such command 'upp'. Did you mean 'up'?; see bookstore --help."),
        ("import goodbooks", "Missing argument"),
        ("sagas abandon 7", "Missing option '--reason'; see bookstore sagas abandon --help."),
        ("verify extra", "Got unexpected extra argument"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_sentence(
    run: Run, command: str, said: str
) -> None:
    refused = run(*command.split())

    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert refused.err.count("\n") == 1


def test_the_version_is_told(run: Run) -> None:
    told = run("--version")

    assert (told.code, told.out) == (0, f"bookstore {metadata.version('bookstore')}\n")


@pytest.mark.parametrize(
    "command",
    [
        *("", "up", "import", "import goodbooks", "demo", "verify", "sagas", "sagas list"),
        *("sagas show", "sagas retry", "sagas abandon", "sagas settle"),
        *("staff reset", "keys rotate"),
    ],
)
def test_every_command_teaches(run: Run, command: str) -> None:
    told = run(*command.split(), "--help")

    assert told.code == 0
    assert "Usage: " in told.out
    assert len(told.out) > 300


def buy(client: Client, token: str) -> str:
    """Sign up and order a book of which there are many; return where the order is."""
    email = f"reader-{secrets.token_hex(4)}@example.com"
    client.sign_up(email, "correct horse", "Ada", "Reader")
    client.sign_in(email, "correct horse")
    books = client.get("/api/v1/books", params={"limit": 100}).json()["items"]
    book = max(books, key=lambda book: int(book["quantity"] - book["reserved_quantity"]))
    return client.order({book["id"]: 1}, token).headers["Location"]


def until(client: Client, order: str, state: str) -> str:
    """Wait for the order's newest saga to stand there; return its id."""
    saga: dict[str, Any] = {}
    for _ in range(400):
        saga = client.get(f"{order}/saga").json()
        if saga["state"] == state:
            return str(saga["saga_id"])
        time.sleep(0.02)
    raise AssertionError(f"it is {saga['state']}")


def test_a_stuck_purchase_is_listed_retried_and_given_up(as_staff: Run, store: Store) -> None:
    with Client(store.url) as client:
        order = buy(client, "tok_capture_declined")
        saga = until(client, order, "stuck")

        listed = as_staff("sagas", "list", "--state", "stuck")
        retried = as_staff("sagas", "retry", saga)
        until(client, order, "stuck")
        abandoned = as_staff("sagas", "abandon", saga, "--reason", "the bank will not pay")
        until(client, order, "completed")  # cancel_order
        status = client.get(order).json()["status"]

    assert saga in listed.out
    assert "at capture_payment: " in listed.out
    assert (retried.code, retried.out.strip()) == (0, f"saga {saga} goes on")
    assert (abandoned.code, abandoned.err, status) == (0, "", "cancelled")
    shown = as_staff("sagas", "show", saga).out
    assert "abandoned" in shown
    assert re.search(r"^    by [0-9a-f-]{36}: the bank will not pay", shown, re.MULTILINE)
    assert re.search(r"^    by [0-9a-f-]{36}$", shown, re.MULTILINE)  # who retried gave no reason
    assert as_staff("verify", "--data", store.data).code == 0


def test_a_refund_that_was_declined_is_settled_and_counted(as_staff: Run, store: Store) -> None:
    with Client(store.url) as client:
        order = buy(client, "tok_refund_declined")
        client.call("POST", f"{order}/cancel")
        saga = until(client, order, "stuck")

        settled = as_staff("sagas", "settle", saga, "--reason", "bank transfer 4711")
        until(client, order, "completed")

    verified = as_staff("verify", "--data", store.data)
    assert (settled.code, settled.err) == (0, "")
    assert (verified.code, verified.out.count("settled outside the store")) == (0, 1)
