"""The catalog keeps its specification, whatever it is asked."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from bookstore.catalog.app import wire
from bookstore.contracts.openapi.catalog import SPECIFICATION
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import application
from bookstore.kit.transaction import at_once
from services.catalog.tests.conftest import CALLERS, STAFF
from services.catalog.tests.memory import MemoryStore
from services.catalog.tests.neighbours import MemorySales, MemoryStockroom

_STORE = at_once(MemoryStore())
_SERVICE = wire(
    _STORE, _STORE, stockroom=MemoryStockroom(), sales=MemorySales(), clock=FakeClock()
)
api = schemathesis.openapi.from_path(SPECIFICATION)
api.app = application(_SERVICE.operations, authenticator=CALLERS)


# What the schema allows may still break a rule of the business; and the matrix of roles has a test
# of its own, which knows who may do what.
_ELSEWHERE = [positive_data_acceptance, ignored_auth]


@api.parametrize()
@settings(max_examples=8)
def test_each_operation_keeps_its_specification(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers=STAFF, excluded_checks=_ELSEWHERE)
