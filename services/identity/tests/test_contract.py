"""Identity keeps its specification, whatever it is asked."""

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

import bookstore.contracts
from bookstore.identity.app import Provided, wire
from bookstore.identity.settings import Settings
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import Application, application
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import at_once
from services.identity.tests.builders import NOW
from services.identity.tests.fakes import MemoryProfiles, MemoryProvider, NoIssuer

# The token endpoint ignores what it does not know, and refuses a wrong password with 400.
OAUTH: list[CheckFunction] = [negative_data_rejection, positive_data_acceptance]
SPECIFICATION = Path(bookstore.contracts.__file__).parent / "openapi/identity.json"


def _app() -> Application:
    profiles, issuer = at_once(MemoryProfiles()), NoIssuer()
    identity = wire(
        Settings(service_clients=f"order:{'s' * 32}"),
        provided=Provided(provider=MemoryProvider(), keys=issuer, issuer=issuer),
        transact=profiles,
        read=profiles,
        clock=FakeClock(NOW),
    )
    staff = KnownCallers({"staff": Caller(id=uuid7(), roles=frozenset(Role))})
    return application(identity.operations, authenticator=staff)


api = schemathesis.openapi.from_path(SPECIFICATION)
api.app = _app()


@api.auth()
class Staff:
    """Asks as staff, but for the checks that ask as nobody."""

    def get(self, _case: object, _context: object) -> str:
        return "staff"

    def set(self, case: schemathesis.Case[Any], token: str, _context: object) -> None:
        case.headers["authorization"] = f"Bearer {token}"


@api.parametrize()
@settings(max_examples=20)
def test_identity_keeps_its_specification(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(excluded_checks=OAUTH if case.path == "/oauth/token" else None)
