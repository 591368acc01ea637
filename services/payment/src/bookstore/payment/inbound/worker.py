"""The order sagas' tasks: authorise, void, capture and refund, each once in effect.

All of them reach outside our database, so each has the three parts of its story: what is
committed before the card network is asked, the asking, and what is committed after it.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from bookstore.kit.cards import CardNumberError, holds_card_number
from bookstore.kit.errors import InvalidError
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.application.authorise_payment import Authorise, AuthorisePayment
from bookstore.payment.application.capture_payment import CapturePayment
from bookstore.payment.application.ports import Approved, Declined, Store
from bookstore.payment.application.return_payment import ReturnPayment
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import OrderId, Payment, UserId
from bookstore.saga.participant import decoded, outside
from bookstore.saga.task import Handler, Output, Reject, Task


@dataclass(frozen=True, slots=True)
class Ask:
    """The input of payment.authorise."""

    order_id: UUID
    user_id: UUID
    amount: Annotated[int, Meta(ge=0)]
    currency: str
    token: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The input of payment.void, payment.capture and payment.refund."""

    order_id: UUID


def authorising(
    transact: Transact[Store], authorise: AuthorisePayment, void: VoidPayment
) -> Handler:
    """Return the handler of payment.authorise; what is held for an order it refused is voided."""

    def start(store: Store, task: Task) -> Authorise:
        wish = _wish(task)
        authorise.start(store, wish)
        return wish

    async def ask(_task: Task, wish: Authorise) -> tuple[Authorise, Approved | Declined]:
        return wish, await authorise.ask(wish)

    def finish(
        store: Store, _task: Task, reply: tuple[Authorise, Approved | Declined]
    ) -> Output | Reject:
        return authorise.finish(store, *reply)

    async def revoke(task: Task) -> None:
        await void.network.void(task.do_key)

    attempt = outside(transact, start=start, call=ask, finish=finish, revoke=revoke)

    async def handle(task: Task) -> Output:
        try:
            return await attempt(task)
        except Reject as rejection:
            with suppress(Reject):  # what cannot be read was not asked for
                await authorise.revoke(_wish(task))
            raise rejection from None

    return handle


def voiding(transact: Transact[Store], void: VoidPayment) -> Handler:
    """Return the handler of payment.void."""

    def start(store: Store, task: Task) -> Payment | None:
        return void.start(store, _order_id(task))

    async def ask(_task: Task, payment: Payment | None) -> None:
        await void.ask(payment)

    def finish(store: Store, task: Task, _reply: None) -> Output:
        return void.finish(store, _order_id(task))

    return outside(transact, start=start, call=ask, finish=finish)


def capturing(transact: Transact[Store], capture: CapturePayment) -> Handler:
    """Return the handler of payment.capture."""

    def start(store: Store, task: Task) -> Payment:
        return capture.start(store, _order_id(task))

    async def ask(_task: Task, payment: Payment) -> Approved | Declined:
        return await capture.ask(payment)

    def finish(store: Store, task: Task, reply: Approved | Declined) -> Output | Reject:
        return capture.finish(store, _order_id(task), reply)

    return outside(transact, start=start, call=ask, finish=finish)


def returning(transact: Transact[Store], return_payment: ReturnPayment) -> Handler:
    """Return the handler of payment.refund."""

    def start(store: Store, task: Task) -> Payment | None:
        return return_payment.start(store, _order_id(task))

    async def ask(task: Task, payment: Payment | None) -> None:
        await return_payment.ask(payment, task.do_key)

    def finish(store: Store, task: Task, _reply: None) -> Output | Reject:
        return return_payment.finish(store, task.do_key, _order_id(task))

    return outside(transact, start=start, call=ask, finish=finish)


def _wish(task: Task) -> Authorise:
    asked = decoded(task, Ask)
    if holds_card_number(asked.token):
        raise Reject(CardNumberError.code, "a card number is no token")
    try:
        amount = Money(asked.amount, asked.currency)
    except InvalidError as error:
        raise Reject("malformed-task", f"{task.step}: {error.detail}") from error
    return Authorise(
        key=task.do_key,
        order_id=OrderId(asked.order_id),
        user_id=UserId(asked.user_id),
        amount=amount,
        token=asked.token,
    )


def _order_id(task: Task) -> OrderId:
    return OrderId(decoded(task, Settle).order_id)
