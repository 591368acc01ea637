"""Ordering keeps its specification, whatever it is asked."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from tools.edge.routes import rules

from bookstore.contracts.openapi.order import SPECIFICATION
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import application
from bookstore.kit.transaction import at_once
from bookstore.order.app import wire
from bookstore.saga.ports import State
from services.order.tests.builders import ADA
from services.order.tests.memory import (
    FixedPriceList,
    HandEngine,
    KeptSettlements,
    KnownAccounts,
    MemoryStore,
)


class ImpatientEngine(HandEngine):
    """Lets nobody wait."""

    async def ended(self, _saga_id: str) -> State:
        return State.STUCK


_STORE = MemoryStore()
_TRANSACT = at_once(_STORE)
_SERVICE = wire(
    _TRANSACT,
    _TRANSACT,
    FixedPriceList(),
    KnownAccounts(),
    KeptSettlements(),
    ImpatientEngine(_STORE.sagas),
    FakeClock(),
)
_EVERYTHING = Caller(id=ADA, roles=frozenset(Role))
api = schemathesis.openapi.from_path(SPECIFICATION)
api.app = application(
    _SERVICE.operations, authenticator=KnownCallers({"all": _EVERYTHING}), drain=_SERVICE.drain
)

# What the schema allows may still break a rule of the business; and the matrix of roles has a
# test of its own, which knows who may do what.
_ELSEWHERE = [positive_data_acceptance, ignored_auth]


@api.parametrize()
@settings(max_examples=8)
def test_each_operation_keeps_its_specification(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(headers={"authorization": "Bearer all"}, excluded_checks=_ELSEWHERE)


def test_an_edge_sends_to_query_exactly_what_query_serves() -> None:
    """What is no GET and reads all the same says so by x-reads in its specification."""
    served = {operation.name for operation in _SERVICE.reading().operations}

    assert served == {f"{r.method} {r.path}" for r in rules() if r.service == "order" and r.reads}
