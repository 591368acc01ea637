"""The data folder: what it refuses, and what it keeps before it changes anything."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bookstore.cli import folder
from bookstore.cli.command import app
from bookstore.cli.folder import (
    CARD_NETWORK,
    DATABASES,
    LOCK,
    SERVICES,
    Folder,
    at_rest,
    existing,
    migrations,
    open_folder,
    reading,
)
from bookstore.cli.terminal import CommandError


def database(folder: Path, name: str, revision: str) -> None:
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("CREATE TABLE thing (name TEXT)")
        connection.execute("INSERT INTO thing VALUES ('kept')")
        connection.commit()


def test_a_folder_that_is_not_there_is_made_and_new(tmp_path: Path) -> None:
    with open_folder(tmp_path / "a" / "b") as opened:
        assert opened.path.is_dir()
        assert opened.is_new


def test_a_folder_of_foreign_files_is_new_and_they_stay(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "lost+found").mkdir()

    with open_folder(tmp_path) as opened:
        assert opened.is_new
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_second_process_is_told_whose_the_folder_is(tmp_path: Path) -> None:
    attempt = (
        "import sys; from pathlib import Path; from bookstore.cli.folder import open_folder\n"
        f"with open_folder(Path({str(tmp_path)!r})): pass"
    )
    with open_folder(tmp_path):
        second = subprocess.run(
            [sys.executable, "-c", attempt], capture_output=True, text=True, check=False
        )
    after = subprocess.run([sys.executable, "-c", attempt], check=False)

    assert "is in use by another store" in second.stderr
    assert second.returncode == 1
    assert after.returncode == 0


def test_a_lock_file_that_was_left_behind_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "bookstore.lock").write_text("4711\n")

    with open_folder(tmp_path) as opened:
        assert opened.is_new


@pytest.mark.parametrize("name", ["identity", "card-network"])
def test_data_of_a_newer_version_are_refused_and_untouched(tmp_path: Path, name: str) -> None:
    database(tmp_path, name, "9999")
    before = (tmp_path / f"{name}.db").read_bytes()

    with pytest.raises(CommandError, match="newer bookstore"), open_folder(tmp_path):
        pass

    assert (tmp_path / f"{name}.db").read_bytes() == before
    assert not list(tmp_path.glob("backup-*"))


def whole(path: Path) -> Folder:
    """Write a store that was founded and closed."""
    for name in DATABASES:
        database(path, name, newest(name))
    return Folder(path)


def newest(name: str) -> str:
    return max(file.name for file in (migrations(name) / "versions").glob("0*.py"))[:4]


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_that_is_gone_is_named_and_not_made_anew(tmp_path: Path, name: str) -> None:
    file = whole(tmp_path).file(name)
    file.unlink()

    with pytest.raises(CommandError, match=rf"{name}\.db is missing"), open_folder(tmp_path):
        pass

    assert not file.exists()


def test_a_database_that_was_emptied_is_named(tmp_path: Path) -> None:
    file = whole(tmp_path).file("order")
    file.write_bytes(b"")

    with pytest.raises(CommandError, match=r"order\.db is empty"), open_folder(tmp_path):
        pass


def test_a_first_start_that_was_cut_short_is_resumed(tmp_path: Path) -> None:
    with open_folder(tmp_path):
        database(tmp_path, "identity", "0001")
        (tmp_path / "catalog.db").touch()

    with open_folder(tmp_path) as opened:
        assert not list(tmp_path.glob("backup-*"))  # there is nothing yet to keep
        for name in set(DATABASES) - {"catalog", "identity"}:
            database(tmp_path, name, newest(name))
        opened.founded()
    (tmp_path / "catalog.db").unlink()

    with pytest.raises(CommandError, match="is missing"), open_folder(tmp_path):
        pass


def test_what_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    with open_folder(tmp_path / "data"):
        (tmp_path / "data/order.db").touch()
    whole(tmp_path / "data")
    database_of_before(tmp_path / "data", "identity")
    with open_folder(tmp_path / "data") as opened:
        (backup,) = opened.path.glob("backup-*")

    modes = [path.stat().st_mode & 0o777 for path in (opened.path, backup)]
    files = [path.stat().st_mode & 0o777 for path in (opened.path / LOCK, *backup.iterdir())]
    assert modes == [0o700] * 2
    assert files == [0o600] * (1 + len(DATABASES))


def test_a_folder_that_was_open_to_others_is_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, backup = tmp_path / "data", tmp_path / "data/backup-20260101T000000Z"
    backup.mkdir(parents=True)
    (backup / "order.db").touch()
    whole(data)
    opened = (data, backup, backup / "order.db", *data.glob("*.db"))
    for path in opened:
        path.chmod(0o755 if path.is_dir() else 0o644)

    for _ in range(2):
        with open_folder(data):
            pass

    assert [mode(path) for path in opened] == [0o700, 0o700, *[0o600] * (1 + len(DATABASES))]
    assert caplog.messages == [
        f"{data} was open to others: closed {len(opened)} files and folders"
    ]


def test_a_folder_that_is_shared_stays_so_and_our_files_do_not(tmp_path: Path) -> None:
    whole(tmp_path)
    (tmp_path / "letter.txt").touch()
    (tmp_path / "payment.db-wal").symlink_to(tmp_path / "letter.txt")
    for path in (tmp_path, tmp_path / "letter.txt", tmp_path / "order.db"):
        path.chmod(0o755)

    with open_folder(tmp_path):
        pass

    assert [mode(tmp_path / name) for name in ("", "letter.txt", "order.db")] == [
        0o755,
        0o755,
        0o700,
    ]


def test_what_is_somebody_elses_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(tmp_path)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)

    with open_folder(tmp_path):
        pass

    assert mode(tmp_path) == 0o755


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def database_of_before(path: Path, name: str) -> None:
    (path / f"{name}.db").unlink()
    database(path, name, "0001")


@pytest.mark.parametrize("place", ["/proc/x", "/proc/self/mem/x"])
def test_a_folder_that_cannot_be_is_a_sentence(place: str) -> None:
    with pytest.raises(CommandError, match="--data"), open_folder(Path(place)):
        pass


@pytest.mark.parametrize("name", DATABASES)
def test_commands_on_a_closed_store_refuse_any_newer_database(tmp_path: Path, name: str) -> None:
    file = whole(tmp_path).file(name)
    file.unlink()
    database(tmp_path, name, "9999")
    before = file.read_bytes()

    for command in ("verify", "staff reset", "keys rotate"):
        outcome = CliRunner().invoke(app, [*command.split(), "--data", str(tmp_path)])
        assert isinstance(outcome.exception, CommandError), command
        assert f"newer bookstore ({name}: " in str(outcome.exception)

    assert file.read_bytes() == before


def test_data_of_an_older_version_are_backed_up_first(tmp_path: Path) -> None:
    whole(tmp_path)
    database_of_before(tmp_path, "identity")

    with open_folder(tmp_path) as opened:
        (backup,) = opened.path.glob("backup-*")
        with closing(sqlite3.connect(backup / "identity.db")) as copy:
            assert copy.execute("SELECT name FROM thing").fetchone() == ("kept",)


def test_the_card_networks_data_are_backed_up_like_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    for revision in ("0001_ledger.py", "0002_more.py"):
        (versions / revision).touch()
    monkeypatch.setattr(folder, "migrations", lambda _name: versions.parent)
    data = tmp_path / "data"
    data.mkdir()
    for name in SERVICES:
        database(data, name, "0002")
    database(data, "card-network", "0001")

    with open_folder(data):
        (backup,) = data.glob("backup-*")

    assert "card-network.db" in {file.name for file in backup.iterdir()}


def test_each_database_has_migrations() -> None:
    for name in (*SERVICES, CARD_NETWORK):
        assert list((migrations(name) / "versions").glob("0001_*.py"))


@pytest.mark.parametrize("name", ["identity", "card-network"])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.db").write_bytes(b"this was a database once" * 100)

    with pytest.raises(CommandError, match=rf"{name}\.db cannot be read"), open_folder(tmp_path):
        pass


def test_a_file_in_the_folders_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(CommandError, match="is no folder"), open_folder(tmp_path / "data"):
        pass


def test_commands_that_only_read_need_a_store(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="holds no store"):
        existing(tmp_path)


def test_a_database_is_where_its_url_says_whatever_the_folder_is_called(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "a b?c%20d#é")

    assert make_url(folder.url("order")).database == str(folder.file("order"))


def test_a_file_on_a_read_only_file_system_is_read_without_notes_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(tmp_path, "order", "0001")
    file = tmp_path / "order.db"
    assert reading(file).endswith("order.db?mode=ro")

    monkeypatch.setattr(folder, "_is_read_only", lambda _file: True)
    assert reading(file).endswith("order.db?mode=ro&immutable=1")
    with closing(sqlite3.connect(reading(file), uri=True)) as connection:
        assert connection.execute("SELECT name FROM thing").fetchone() == ("kept",)

    (tmp_path / "order.db-wal").write_bytes(b"x")
    with pytest.raises(CommandError, match="was not stopped in order"):
        reading(file)


def test_nothing_is_changed_on_a_read_only_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SERVICES:
        database(tmp_path, name, "0001")
    monkeypatch.setattr(folder, "_is_read_only", lambda _file: True)

    with pytest.raises(CommandError, match="make it writable first"):
        at_rest(tmp_path, "identity")
