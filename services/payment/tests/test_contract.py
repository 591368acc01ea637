"""Payment keeps its specification, whatever it is asked."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from bookstore.contracts.openapi.payment import SPECIFICATION
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.http import application
from bookstore.kit.transaction import Transact, at_once
from bookstore.payment.application.ports import Store
from services.payment.tests.builders import ADA
from services.payment.tests.memory import MemoryStore
from services.payment.tests.world import World

_TRANSACT: Transact[Store] = at_once(MemoryStore())
_EVERYTHING = Caller(id=ADA, roles=frozenset(Role))
api = schemathesis.openapi.from_path(SPECIFICATION)
api.app = application(
    World(_TRANSACT).service().operations, authenticator=KnownCallers({"all": _EVERYTHING})
)

# What the schema allows may still break a rule of the business; and who may do what has tests
# of its own.
_ELSEWHERE = [positive_data_acceptance, ignored_auth]


@api.parametrize()
@settings(max_examples=8)
def test_each_operation_keeps_its_specification(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers={"authorization": "Bearer all"}, excluded_checks=_ELSEWHERE)
