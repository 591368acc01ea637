"""`bookstore verify` on a server's databases: as on files, invariant for invariant."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from apps.bookstore.tests.corruptions import CORRUPTIONS
from tests.databases.lived import Lived, lived_on
from tests.databases.things import name_of
from tests.harness.databases import SERVER, connect, execute
from typer.testing import CliRunner

from bookstore.cli.command import app
from bookstore.cli.folder import DATABASES
from bookstore.cli.terminal import CommandError
from bookstore.cli.verify import command
from bookstore.cli.verify.command import examine
from bookstore.cli.verify.invariants import INVARIANTS


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    with lived_on(SERVER) as store:
        yield store


def broken(lived: Lived) -> dict[str, tuple[str, ...]]:
    findings = examine(lived.urls, 0).findings
    return {f.invariant: f.offenders for f in findings if f.offenders}


def test_a_store_that_was_really_run_breaks_nothing(lived: Lived) -> None:
    examined = examine(lived.urls, 0)

    counts = {finding.invariant: finding.checked for finding in examined.findings}
    assert {f.invariant: f.offenders for f in examined.findings if f.offenders} == {}
    assert (len(counts), examined.unchecked) == (len(INVARIANTS), ())
    assert counts["a payment's amounts fit its status"] == 7
    assert counts["an order's total is the sum of its lines, each of another book"] == 8
    assert examined.rows > 1000


@pytest.mark.parametrize(("corruption", "sentence"), CORRUPTIONS)
def test_a_corruption_by_hand_is_found_and_named(
    kind: str, lived: Lived, corruption: str, sentence: str
) -> None:
    if kind != "mariadb":
        pytest.skip("MySQL cannot be told to overlook its constraints")
    with lived.corrupted(corruption):
        found = [row for offenders in broken(lived).values() for row in offenders]

    assert any(lived.named(sentence) in row for row in found), found


def test_the_command_reads_what_the_services_read(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LOOK_AGAIN_S", 0)
    variables = {
        "CARD_NETWORK_URL" if name == "card-network" else f"{name.upper()}_DATABASE_URL": url
        for name, url in lived.urls.items()
    }
    named = [f"--database={name}={lived.urls[name]}" for name in DATABASES]

    by_variables = CliRunner().invoke(app, ["verify"], env=variables)
    by_name = CliRunner().invoke(app, ["verify", *named])

    assert by_variables.exit_code == 0, by_variables.output
    assert f"{len(INVARIANTS)} invariants hold over " in by_variables.output
    assert by_name.output == by_variables.output


def test_who_may_only_read_can_verify(lived: Lived) -> None:
    grants = [f"GRANT SELECT ON `{name_of(url)}`.* TO 'auditor'" for url in lived.urls.values()]
    execute("CREATE USER 'auditor' IDENTIFIED BY 'looks only'", *grants)
    try:
        audited = {
            name: url.replace("//root@", "//auditor:looks%20only@")
            for name, url in lived.urls.items()
        }
        assert examine(audited, 0).broken == 0
    finally:
        execute("DROP USER 'auditor'")


def test_what_is_under_way_is_not_read(lived: Lived) -> None:
    """Another transaction has it locked, and may yet undo it."""
    database = name_of(lived.urls["order"])
    with closing(connect(database)) as other, other.cursor() as cursor:
        other.begin()
        cursor.execute("UPDATE book_order SET total = 1")

        assert broken(lived) == {}
        other.rollback()


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("'9999'", "was written by a newer bookstore"), (None, "holds nothing of ours yet")],
)
def test_a_database_that_is_not_ours_to_judge_is_one_sentence(
    lived: Lived, version: str | None, sentence: str
) -> None:
    change = f"UPDATE alembic_version SET version_num = {version}"
    with (
        lived.corrupted(change if version else "DELETE FROM alembic_version", of="customer"),
        pytest.raises(CommandError, match=sentence),
    ):
        examine(lived.urls, 0)


def test_a_server_that_is_away_is_one_sentence(lived: Lived) -> None:
    away = dict(lived.urls) | {"order": "mysql://shop:hidden@127.0.0.1:1/order"}

    with pytest.raises(CommandError, match=r"order at 127\.0\.0\.1:1 cannot be opened") as refused:
        examine(away, 0)
    assert "hidden" not in str(refused.value)
