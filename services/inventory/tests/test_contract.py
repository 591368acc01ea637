"""Inventory keeps its specification, whatever it is asked."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from bookstore.contracts.openapi.inventory import SPECIFICATION
from bookstore.inventory.app import wire
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import application
from bookstore.kit.transaction import at_once
from services.inventory.tests.builders import NOON, STAFF, a_draft, building, stocking
from services.inventory.tests.memory import FixedBooks, MemoryInventory

_INVENTORY = MemoryInventory()
building("Main")(_INVENTORY)
stocking(a_draft())(_INVENTORY)
_TRANSACT = at_once(_INVENTORY)
_SERVICE = wire(_TRANSACT, _TRANSACT, FixedBooks(1, 2, 7), FakeClock(NOON))
_STAFF = KnownCallers({"staff": Caller(id=STAFF, roles=frozenset({Role.MANAGE}))})
api = schemathesis.openapi.from_path(SPECIFICATION)
api.app = application(_SERVICE.operations, authenticator=_STAFF)

# What the schema allows may still break a rule of the business; and who may do what is told
# apart in test_http.
_ELSEWHERE = [positive_data_acceptance, ignored_auth]


@api.parametrize()
@settings(max_examples=8)
def test_each_operation_keeps_its_specification(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers={"authorization": "Bearer staff"}, excluded_checks=_ELSEWHERE)
