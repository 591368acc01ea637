"""The customer service keeps its specification, whatever it is asked."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from bookstore.contracts.openapi.customer import SPECIFICATION
from bookstore.customer.app import wire
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import application
from bookstore.kit.transaction import at_once
from services.customer.tests.builders import ADA, NOON, STAFF, a_customer, a_payment, an_order
from services.customer.tests.memory import (
    FixedBooks,
    MemoryAccounts,
    MemoryOrders,
    MemoryPayments,
    MemoryStore,
)

_TRANSACT = at_once(MemoryStore())
_SERVICE = wire(
    _TRANSACT,
    _TRANSACT,
    accounts=MemoryAccounts(a_customer(ADA)),
    orders=MemoryOrders([an_order()]),
    payments=MemoryPayments([a_payment()]),
    books=FixedBooks(7, 9),
    clock=FakeClock(NOON),
)
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
