"""The whole store on real servers, on this machine: `python -m tools.distributed up|down|status`.

`up` starts a MariaDB, a PostgreSQL, a Conductor, a Keycloak, the six services and an edge, each
in processes of its own on loopback, and waits until all are ready. `down` ends exactly those;
the data stay in the folder.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from tools.distributed.ledger import Entry, Ledger
from tools.distributed.plan import SIX, Plan
from tools.distributed.ports import DEFAULT, MOST_EACH, Ports, servers
from tools.distributed.up import Up, missing
from tools.servers.maven import NotToBeHadError, WrongArtifactError
from tools.servers.program import NotStartedError

_ROOT: Final = Path(__file__).parents[2]
_FOLDER: Final = _ROOT / "bookstore-distributed"
_PATIENCE_S: Final = 30.0  # a service drains within 20
_LAST_PORT: Final = 65_000
_READY: Final = """\

The store is ready at {url}
  The API and its documents   {url}/docs
  Buy a book                  .venv/bin/bookstore demo --url {url}
  Keycloak's console          {keycloak} (admin; its password is in {folder}/secrets.json)
  Conductor                   {conductor}
  Logs                        {folder}/logs
  The staff account           {staff}, and all that commands need: {folder}/environment
  End it                      make down-distributed
"""


def main() -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.distributed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["up", "down", "status"])
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where its data are")
    parser.add_argument("--port", type=int, default=DEFAULT, help="the edge's; others follow it")
    parser.add_argument(
        "--each",
        type=int,
        default=1,
        choices=range(1, MOST_EACH + 1),
        help="processes per service",
    )
    asked = parser.parse_args()
    ledger = Ledger(asked.folder / "processes.json")
    match asked.what:
        case "up":
            return _up(asked.folder.resolve(), asked.port, asked.each, ledger)
        case "down":
            return _down(ledger)
        case _:
            return _status(ledger)


def _up(folder: Path, port: int, each: int, ledger: Ledger) -> int:
    if reasons := [*missing(), *_in_the_way(port, ledger)]:
        sys.stderr.write("The store cannot be started:\n" + "".join(f"  {r}\n" for r in reasons))
        return 2
    sys.stderr.write(f"Starting, with the data in {folder}:\n")
    try:
        plan = Up(folder, Ports(port), ledger, each)()
    except (NotStartedError, NotToBeHadError, WrongArtifactError, KeyboardInterrupt) as error:
        _down(ledger)
        sys.stderr.write(f"\nNothing is left running. {error}\n")
        return 1
    sys.stdout.write(_welcome(plan, folder))
    return 0


def _in_the_way(port: int, ledger: Ledger) -> list[str]:
    if not 0 < port < _LAST_PORT:
        return [f"--port: is {port}, but takes 1 to {_LAST_PORT - 1}"]
    if any(entry.is_alive for entry in ledger.entries()):
        return ["it is running already: `make down-distributed` ends it"]
    taken = ", ".join(Ports(port).taken(servers()))
    advice = "end that, or choose other ports: make up-distributed ARGS='--port 18080'"
    return [f"somebody else listens at {taken}: {advice}"] if taken else []


def _down(ledger: Ledger) -> int:
    """End what was started last first: the edge, the services, then what they stand on."""
    entries = ledger.entries()[::-1]
    services = [entry for entry in entries if entry.name.split()[0] in SIX]
    edge = [entry for entry in entries if entry.name == "Envoy"]
    others = [[entry] for entry in entries if entry not in services and entry not in edge]
    for group in (edge, services, *others):
        for entry in ledger.end(group, _PATIENCE_S):
            sys.stderr.write(f"{entry.name} did not end in {_PATIENCE_S:.0f} s, and was killed\n")
    sys.stderr.write(f"{len(entries)} processes were ended\n" if entries else "Nothing runs\n")
    return 0


def _status(ledger: Ledger) -> int:
    entries = ledger.entries()
    for entry in entries:
        sys.stdout.write(f"{entry.name:<20} {_state(entry)}\n")
    if not entries:
        sys.stdout.write("Nothing runs\n")
    return 0 if entries and all(entry.is_alive for entry in entries) else 1


def _state(entry: Entry) -> str:
    return f"runs as process {entry.pid}" if entry.is_alive else "has ended"


def _welcome(plan: Plan, folder: Path) -> str:
    realm = plan.servers.realm or ""
    return _READY.format(
        url=plan.url,
        keycloak=realm.partition("/realms/")[0],
        conductor=plan.servers.conductor,
        folder=folder,
        staff=plan.secrets.staff_email,
    )


if __name__ == "__main__":
    sys.exit(main())
