"""What `make up-distributed` is made of, without any of the servers."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.distributed.kept import Kept
from tools.distributed.ledger import Entry, Ledger
from tools.distributed.plan import DATABASES, SIX, Part, Plan, Secrets, Servers
from tools.distributed.ports import MOST_EACH, Ports, servers
from tools.distributed.up import for_commands
from tools.edge.envoy import configuration

from bookstore.kit.process_settings import ProcessSettings
from bookstore.kit.settings import read_settings

REALM = "http://127.0.0.1:8082/realms/bookstore"


def plan(*, realm: str | None = REALM, each: int = 1) -> Plan:
    return Plan(
        servers=Servers(
            databases={name: f"mysql://{name}:secret@127.0.0.1:8085/{name}" for name in DATABASES},
            conductor="http://127.0.0.1:8084",
            realm=realm,
        ),
        secrets=Secrets(
            services={name: name * 8 for name in SIX},
            staff_email="staff@example.com",
            staff_password="the staff's own password",
        ),
        port=Ports(),
        each=each,
    )


@pytest.mark.parametrize("realm", [REALM, None])
@pytest.mark.parametrize("part", plan(each=2).parts, ids=str)
def test_every_process_is_told_what_makes_sense(part: Part, realm: str | None) -> None:
    told = plan(realm=realm, each=2).environment(part)
    settings = importlib.import_module(f"bookstore.{part.service}.settings").Settings
    prefix = part.service.upper()

    own = read_settings(settings, prefix, told)
    process = read_settings(ProcessSettings, prefix, told)

    assert own.database_url.endswith(f"/{part.service}")
    assert process.service_secret == part.service * 8
    assert process.issuer.name == (realm or "http://127.0.0.1:8080")


def test_no_two_have_a_port_in_common() -> None:
    whole, ports = plan(each=MOST_EACH), Ports()
    of_parts = [ports(f"{part} {what}") for part in whole.parts for what in ("http", "rpc")]
    of_servers = [ports(name) for name in servers()]

    assert len({*of_parts, *of_servers}) == len(of_parts) + len(of_servers)


def test_the_edge_knows_every_process_that_serves() -> None:
    edge = plan(each=2).edge()
    text = json.dumps(configuration(edge))

    assert {len([*addresses]) for addresses in edge.upstreams.values()} == {2}
    assert REALM in text


def test_commands_are_told_all_databases_for_a_shell() -> None:
    told = dict(line.rstrip("\n").split("=", 1) for line in for_commands(plan()))

    assert told["ORDER_DATABASE_URL"] == "mysql://order:secret@127.0.0.1:8085/order"
    assert told["CARD_NETWORK_URL"].endswith("/card_network")
    assert len([name for name in told if name.endswith("_DATABASE_URL")]) == len(SIX)


def test_secrets_are_made_up_once_and_shown_to_nobody_else(tmp_path: Path) -> None:
    first, again = Kept.of(tmp_path / "data"), Kept.of(tmp_path / "data")

    assert first == again
    assert Kept.of(tmp_path / "other").services != first.services
    assert (tmp_path / "data/secrets.json").stat().st_mode & 0o077 == 0


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def test_exactly_what_was_started_is_ended(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    ledger = Ledger(tmp_path / "processes.json")
    ledger.note("sleeper", sleeper.pid)
    (entry,) = ledger.entries()
    another = Entry("another", sleeper.pid, entry.began - 1)  # who had its number before it

    assert ledger.end([another], within=1) == []
    assert sleeper.poll() is None
    assert ledger.end([entry], within=10) == []
    assert sleeper.wait(10) != 0
    assert ledger.entries() == []


def test_what_will_not_end_is_killed_and_named(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ledger = Ledger(tmp_path / "processes.json")
        ledger.note("stubborn", process.pid)

        killed = ledger.end(ledger.entries(), within=0.2)

        assert [entry.name for entry in killed] == ["stubborn"]
        assert process.wait(10) == -9
