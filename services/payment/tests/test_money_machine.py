"""Whatever happens in whatever order, and whichever answers get lost: the money adds up."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bookstore.kit.errors import ConflictError, UnavailableError
from bookstore.kit.transaction import Transact, at_once
from bookstore.payment.application.hear_event import Event, HearEvent
from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.ports import Store
from bookstore.payment.application.refund_payment import PayRefund, RefundPayment
from bookstore.payment.domain.payment import Payment, Status
from bookstore.saga.task import Reject
from services.payment.tests.builders import (
    ORDER,
    STAFF,
    a_capture_task,
    a_refund_task,
    a_void_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.memory import MemoryStore
from services.payment.tests.sweeping import sweep_of
from services.payment.tests.world import World

OPERATIONS = st.sampled_from(["authorise", "capture", "void", "refund"])


class MoneyMachine(RuleBasedStateMachine):
    """One order's payment, its saga's tasks, staff, webhooks and the sweeper."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        transact: Transact[Store] = at_once(self.store)
        self.world = World(transact)
        self.refunds = 0
        self.events = 0

    def run(self, story: Coroutine[Any, Any, object]) -> None:
        try:
            asyncio.run(story)
        except (Reject, UnavailableError, ConflictError):
            return

    @property
    def payment(self) -> Payment | None:
        return self.store.payments.of_order(ORDER)

    @rule(operation=OPERATIONS)
    def lose_answers(self, operation: str) -> None:
        self.world.network.lose += [operation] * 3

    @rule(operation=OPERATIONS)
    def do_not_hear(self, operation: str) -> None:
        self.world.network.unheard += [operation] * 3

    @rule(seconds=st.sampled_from([1, 31, 120, 700]))
    def let_time_pass(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))

    @rule(amount=st.just(1000))
    def authorise(self, amount: int) -> None:
        self.run(self.world.do("payment.authorise", an_authorise_task(amount=amount)))

    @rule()
    def capture(self) -> None:
        self.run(self.world.do("payment.capture", a_capture_task()))

    @rule()
    def undo(self) -> None:
        self.run(self.world.do("payment.void", a_void_task()))

    @rule()
    def cancel(self) -> None:
        self.run(self.world.do("payment.refund", a_refund_task()))

    @precondition(lambda self: self.payment is not None)
    @rule(amount=st.integers(1, 1100), again=st.booleans())
    def refund(self, amount: int, again: bool) -> None:  # noqa: FBT001 — Hypothesis names it
        assert self.payment is not None
        self.refunds += not again
        pay_back = PayBack(self.world.transact, self.world.network, self.world.clock)
        wish = RefundPayment(
            payment_id=self.payment.id,
            amount=usd(amount),
            reason=None,
            by=STAFF.id,
            key=f"{amount}:{self.refunds}",
        )
        self.run(PayRefund(self.world.transact, pay_back, self.world.clock)(wish))

    @precondition(lambda self: self.payment is not None)
    @rule(again=st.booleans())
    def hear_what_the_network_did(self, again: bool) -> None:  # noqa: FBT001 — likewise
        assert self.payment is not None
        self.events += not again
        held = self.world.network.held.get(self.payment.network_key)
        if held is not None:
            event = Event(
                id=f"evt_{self.events}",
                type=held.standing,
                payment_id=self.payment.id,
                amount=held.amount,
            )
            self.run(HearEvent(self.world.transact, self.world.clock)(event))

    @rule()
    def sweep(self) -> None:
        self.run(sweep_of(self.world)())

    @rule()
    def lose_the_order(self) -> None:
        self.world.orders.over.add(ORDER)

    @invariant()
    def never_more_is_paid_back_than_was_taken(self) -> None:
        payment = self.payment
        if payment is None:
            assert not self.world.network.held
            return
        on_its_way = sum(r.amount.amount for r in self.store.refunds.open_of(payment.id))
        assert 0 <= payment.refunded.amount <= payment.captured.amount <= payment.amount.amount
        assert payment.refunded.amount + on_its_way <= payment.captured.amount
        assert (payment.status is Status.REFUNDED) <= (payment.refundable.amount == 0)

    @invariant()
    def what_we_say_was_paid_back_was_paid_back(self) -> None:
        payment = self.payment
        if payment is None:
            return
        open_ = self.store.refunds.open_of(payment.id)
        unknown = {refund.network_key for refund in open_}
        known = [n for key, n in self.world.network.refunds.items() if key not in unknown]
        assert payment.refunded.amount == sum(known)

    @invariant()
    def what_we_say_was_taken_was_taken(self) -> None:
        payment = self.payment
        if payment is None:
            return
        held = self.world.network.held.get(payment.network_key)
        if payment.captured.amount:
            assert held is not None
            assert held.standing == "captured"
        if payment.status is Status.VOIDED:
            assert held is None or held.standing != "captured"

    def teardown(self) -> None:
        """Let everything come to its end: nothing is held for an order that is over."""
        self.world.network.lose.clear()
        self.world.network.unheard.clear()
        self.world.orders.over.add(ORDER)
        self.world.clock.advance(timedelta(minutes=20))
        for _ in range(2):
            asyncio.run(sweep_of(self.world)())
        self.run(self.world.do("payment.refund", a_refund_task(attempt=9)))
        if self.payment is not None:
            assert not self.world.network.holding
            assert not self.store.refunds.open_of(self.payment.id)
            self.never_more_is_paid_back_than_was_taken()
            self.what_we_say_was_paid_back_was_paid_back()


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
