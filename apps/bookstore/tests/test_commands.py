"""The commands, run against a running store as a person would."""

import csv
from pathlib import Path

import httpx
import pytest
from apps.bookstore.tests.conftest import Run
from tests.harness.store import STAFF_EMAIL, STAFF_PASSWORD, Store

# Faults that real shops reported: of ISBNs, of spreadsheets, of character references.
FEED = Path(__file__).with_name("feed.csv").read_text()


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("feed") / "books.csv"
    file.write_bytes(b"\xef\xbb\xbf" + FEED.replace("\n", "\r\n").encode())
    return file


def books(store: Store, title: str) -> list[dict[str, object]]:
    answer = httpx.get(f"{store.url}/api/v1/books", params={"title": title})
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def test_a_feed_is_loaded_and_every_refusal_is_reported(
    run: Run, feed: Path, tmp_path: Path
) -> None:
    loaded = run("import", "goodbooks", str(feed), "--report", str(tmp_path / "report.csv"))

    assert loaded.returncode == 0, loaded.stderr
    assert "15 rows read · 11 books loaded · 0 books we had · 4 rows refused" in loaded.stdout
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = [tuple(row[:4]) for row in csv.reader(file)]
    assert rows == [
        ("kind", "line", "book_id", "code"),
        ("refused", "6", "9005", "isbn-invalid"),
        ("refused", "7", "9006", "isbn-invalid"),
        ("refused", "9", "9008", "isbn-invalid"),
        ("refused", "17", "9015", "row-malformed"),
        ("note", "11", "9010", "isbn13-float"),
    ]
    assert "0439023484 is not an ISBN: its check digit is wrong" in loaded.stdout

    again = run("import", "goodbooks", str(feed))

    assert "0 books loaded · 11 books we had · 4 rows refused · 0 books stocked" in again.stdout


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
    run: Run, store: Store, feed: Path, title: str, isbn: str | None
) -> None:
    run("import", "goodbooks", str(feed))

    (book,) = [book for book in books(store, title) if book["title"] == title]

    price = book["price"]
    assert isinstance(price, dict)
    assert (book["isbn"], book["quantity"]) == (isbn, 10) or isbn == "9780439023481"
    assert price["amount"] > 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("book_id,title\n1,Caf\xe9\n".encode("latin-1"), "is not UTF-8"),
        (b"book_id;title\n1;A\n", "The feed was refused from line 2 on"),
        (b"id,title\n1,A\n", "among them book_id and title"),
    ],
)
def test_a_file_that_is_no_feed_is_one_sentence(
    run: Run, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "books.csv"
    file.write_bytes(content)

    refused = run("import", "goodbooks", str(file))

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_the_demo_buys_and_fails_as_it_says(run: Run) -> None:
    shown = run("demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "201 order" in shown.stdout
    assert "402 card-declined" in shown.stdout
    assert "409 out-of-stock" in shown.stdout
    assert "3 clicks, 1 order" in shown.stdout
    assert "↩ make_payment" in shown.stdout


def test_staff_see_sagas_and_their_timelines(run: Run) -> None:
    run("demo")

    listed = run("sagas", "list", "--state", "compensated")

    assert listed.returncode == 0, listed.stderr
    saga = next(line.split()[0] for line in listed.stdout.splitlines() if "place_order" in line)
    shown = run("sagas", "show", saga)
    assert f"place_order {saga}: compensated" in shown.stdout
    assert "↩ place_order" in shown.stdout


def test_there_is_nothing_to_help_where_nothing_is_stuck(run: Run) -> None:
    listed = run("sagas", "list", "--state", "stuck", "--older-than", "10m")
    retried = run("sagas", "retry", "--all")
    undecided = run("sagas", "retry")

    assert listed.stdout.strip() == "0 sagas"
    assert retried.stdout.strip() == "0 sagas go on"
    assert (undecided.returncode, "--all" in undecided.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["show", "retry", "abandon", "settle"])
def test_a_saga_that_is_not_there_is_a_sentence(run: Run, verb: str) -> None:
    reason = ("--reason", "a test") if verb in ("abandon", "settle") else ()

    refused = run("sagas", verb, "01938a5e-7c4b-7d3a-9f21-6b1d2c3e4f50", *reason)

    assert refused.returncode == 2
    assert "404" in refused.stderr


def test_commands_without_the_staff_account_say_so(run: Run) -> None:
    wrong = run("sagas", "list", "--password", "not the password")

    assert wrong.returncode == 2
    assert "address or password is wrong" in wrong.stderr


def test_the_data_of_a_running_store_are_verified(run: Run, store: Store) -> None:
    verified = run("verify", "--data", str(store.data))

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "every invariant holds" in verified.stdout


def test_keys_are_rotated_beside_a_running_store(run: Run, store: Store) -> None:
    rotated = run("keys", "rotate", "--data", str(store.data))

    assert rotated.returncode == 0, rotated.stderr
    listed = run("sagas", "list")
    assert listed.returncode == 0, listed.stderr


def test_a_lost_staff_account_gets_a_new_password(run: Run, store: Store) -> None:
    reset = run("staff", "reset", "--data", str(store.data))
    old = run("sagas", "list")
    password = reset.stdout.rstrip().rpartition(" ")[2]
    new = run("sagas", "list", "--password", password)
    back = run("staff", "reset", "--data", str(store.data), "--password", STAFF_PASSWORD)

    assert reset.stdout.startswith(f"{STAFF_EMAIL}: the password is")
    assert (old.returncode, new.returncode, back.returncode) == (2, 0, 0)


@pytest.mark.parametrize("command", ["verify", "keys rotate", "staff reset"])
def test_a_folder_without_a_store_is_a_sentence(run: Run, tmp_path: Path, command: str) -> None:
    refused = run(*command.split(), "--data", str(tmp_path))

    assert refused.returncode == 2
    assert "holds no store" in refused.stderr


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

    assert told.returncode == 0
    assert "Usage: " in told.stdout
    assert len(told.stdout) > 300
