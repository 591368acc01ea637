"""What any store of payments must do."""

import asyncio
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.harness.cursors import forged

from bookstore.kit.cursor import CursorInvalidError, encode
from bookstore.kit.database import open_database
from bookstore.kit.errors import IdempotencyKeyReusedError
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.app import MIGRATIONS
from bookstore.payment.application.ports import ChangedMeanwhileError, Page, PaymentQuery, Store
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, Status
from bookstore.payment.domain.refund import Refund, RefundId
from bookstore.payment.outbound.sql import SqlStore
from services.payment.tests.builders import (
    ADA,
    BOB,
    NOW,
    ORDER,
    a_captured_payment,
    a_payment,
    a_refund,
    usd,
)


def facts(thing: Any) -> dict[str, Any]:
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


async def keep(transact: Transact[Store], *payments: Payment) -> None:
    def add(store: Store) -> None:
        for payment in payments:
            store.payments.add(payment)

    await transact(add)


async def listed(transact: Transact[Store], query: PaymentQuery) -> Page[Payment]:
    return await transact(lambda store: store.payments.page(query))


async def started(transact: Transact[Store], refund: Refund) -> bool:
    return await transact(lambda store: store.refunds.start(refund))


async def test_a_payment_is_kept_as_it_was_added(transact: Transact[Store]) -> None:
    payment = a_captured_payment(order_id=ORDER)
    await keep(transact, payment)

    found = await transact(lambda store: store.payments.get(payment.id))
    of_order = await transact(lambda store: store.payments.of_order(ORDER))
    assert found is not None
    assert of_order is not None
    assert facts(found) == facts(of_order) == facts(payment)


async def test_what_is_not_there_is_none(transact: Transact[Store]) -> None:
    nobody = uuid7()
    assert await transact(lambda store: store.payments.get(PaymentId(nobody))) is None
    assert await transact(lambda store: store.payments.of_order(OrderId(nobody))) is None
    assert await transact(lambda store: store.refunds.get(RefundId(nobody))) is None
    assert await transact(lambda store: store.refunds.under("nobody's")) is None


async def test_a_change_is_the_next_version_and_a_stale_one_is_refused(
    transact: Transact[Store],
) -> None:
    payment = a_payment()
    await keep(transact, payment)
    stale = await transact(lambda store: store.payments.get(payment.id))
    assert stale is not None

    payment.authorise(NOW)
    await transact(lambda store: store.payments.save(payment))
    assert payment.version == 2

    stale.void(NOW)
    with pytest.raises(ChangedMeanwhileError):
        await transact(lambda store: store.payments.save(stale))
    found = await transact(lambda store: store.payments.get(payment.id))
    assert found is not None
    assert facts(found) == facts(payment)


async def test_payments_are_filtered(transact: Transact[Store]) -> None:
    early = a_payment(user_id=ADA, now=NOW)
    late = a_captured_payment(user_id=BOB, now=NOW + timedelta(hours=1))
    await keep(transact, early, late)

    for query, expected in (
        (PaymentQuery(), [late.id, early.id]),
        (PaymentQuery(descending=False), [early.id, late.id]),
        (PaymentQuery(user_id=ADA), [early.id]),
        (PaymentQuery(order_id=late.order_id), [late.id]),
        (PaymentQuery(status=Status.CAPTURED), [late.id]),
        (PaymentQuery(created_from=late.created_at), [late.id]),
        (PaymentQuery(created_to=late.created_at), [early.id]),
        (PaymentQuery(offset=1), [early.id]),
        (PaymentQuery(offset=5), []),
    ):
        page = await listed(transact, query)
        assert [payment.id for payment in page.items] == expected
        assert page.total == (2 if query.offset else len(expected))


async def test_a_payment_on_the_boundary_is_in_exactly_one_of_two_reports(
    transact: Transact[Store],
) -> None:
    t1, t2, t3 = (NOW + timedelta(minutes=minute) for minute in (0, 1, 2))
    boundary = a_payment(now=t2)
    await keep(transact, a_payment(now=t1), boundary, a_payment(now=t3))

    async def report(since: Any, until: Any) -> list[UUID]:
        query = PaymentQuery(created_from=since, created_to=until)
        page = await transact(lambda store: store.payments.page(query))
        return [payment.id for payment in page.items]

    assert boundary.id not in await report(t1, t2)
    assert await report(t2, t3) == [boundary.id]


@pytest.mark.parametrize("sort", ["created_at", "amount"])
@pytest.mark.parametrize("descending", [True, False])
async def test_a_walk_by_cursor_meets_each_payment_once_whatever_comes_in(
    transact: Transact[Store],
    sort: str,
    descending: bool,  # noqa: FBT001 — pytest passes it by name
) -> None:
    first = [a_payment(amount=usd(n % 3), now=NOW + timedelta(seconds=n % 5)) for n in range(23)]
    await keep(transact, *first)
    query = PaymentQuery(sort=sort, descending=descending, limit=5)
    seen: list[PaymentId] = []
    cursor = None
    while True:
        asked = PaymentQuery(**{**asdict(query), "cursor": cursor})
        page = await listed(transact, asked)
        seen += [payment.id for payment in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
        await keep(transact, a_payment(amount=usd(1), now=NOW + timedelta(seconds=2)))

    assert len(seen) == len(set(seen))
    assert set(seen) >= {payment.id for payment in first}


async def test_a_cursor_belongs_to_its_question(transact: Transact[Store]) -> None:
    await keep(transact, a_payment(), a_payment())
    page = await transact(lambda store: store.payments.page(PaymentQuery(limit=1)))

    for other in (
        PaymentQuery(cursor=page.next_cursor, sort="amount"),
        PaymentQuery(cursor=page.next_cursor, user_id=ADA),
        PaymentQuery(cursor="nonsense"),
    ):
        with pytest.raises(CursorInvalidError):
            await listed(transact, other)


async def test_a_forged_cursor_is_refused(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/payment.db", MIGRATIONS) as database:
        transact: Transact[Store] = database.transact(SqlStore)
        cursor = encode(["payments", [], "created_at", True], NOW, ADA)
        await listed(transact, PaymentQuery(cursor=cursor))
        for wrong in forged(cursor, key=datetime, row=UUID):
            with pytest.raises(CursorInvalidError):
                await listed(transact, PaymentQuery(cursor=wrong))


async def test_what_was_left_behind_is_found(transact: Transact[Store]) -> None:
    old, held = a_payment(now=NOW), a_payment(now=NOW + timedelta(seconds=1))
    held.authorise(NOW)
    hearsay, confirmed = a_payment(now=NOW + timedelta(seconds=2)), a_payment()
    hearsay.decline("card-declined", NOW)
    confirmed.refused("card-declined", NOW)
    young = a_payment(now=NOW + timedelta(hours=1))
    await keep(transact, hearsay, confirmed, held, old, a_captured_payment(), young)

    before = NOW + timedelta(minutes=1)
    found = await transact(lambda store: store.payments.unsettled(before, 10))
    assert [payment.id for payment in found] == [old.id, held.id, hearsay.id]


async def test_a_refund_is_started_only_within_what_was_captured(
    transact: Transact[Store],
) -> None:
    payment = a_captured_payment(amount=usd(1000))
    await keep(transact, payment)
    first, second, rest = (a_refund(payment, amount) for amount in (600, 401, 400))

    assert await transact(lambda store: store.refunds.start(first))
    assert not await transact(lambda store: store.refunds.start(second))
    assert await transact(lambda store: store.refunds.start(rest))

    found = await transact(lambda store: store.refunds.get(first.id))
    under = await transact(lambda store: store.refunds.under(first.network_key))
    assert found is not None
    assert under is not None
    assert facts(found) == facts(under) == facts(first)
    assert await transact(lambda store: store.refunds.get(second.id)) is None


async def test_what_was_refunded_counts_and_what_was_declined_does_not(
    transact: Transact[Store],
) -> None:
    payment = a_captured_payment(amount=usd(1000))
    await keep(transact, payment)
    paid, declined = a_refund(payment, 400), a_refund(payment, 600)

    def settle(store: Store) -> None:
        store.refunds.start(paid)
        store.refunds.start(declined)
        paid.settle(payment, NOW)
        declined.decline(NOW)
        store.refunds.save(paid)
        store.refunds.save(declined)
        store.payments.save(payment)

    await transact(settle)
    assert not await transact(lambda store: store.refunds.start(a_refund(payment, 601)))
    assert await transact(lambda store: store.refunds.start(a_refund(payment, 600)))


async def test_no_refund_of_what_was_not_captured_or_in_another_currency(
    transact: Transact[Store],
) -> None:
    started, captured = a_payment(), a_captured_payment()
    await keep(transact, started, captured)
    foreign = a_refund(captured, 1)
    foreign.amount = Money(1, "EUR")

    assert not await transact(lambda store: store.refunds.start(a_refund(started, 1)))
    assert not await transact(lambda store: store.refunds.start(foreign))
    assert not await transact(lambda store: store.refunds.start(a_refund(a_payment(), 1)))


async def test_open_refunds_are_found_and_settled_ones_are_not(transact: Transact[Store]) -> None:
    payment = a_captured_payment()
    await keep(transact, payment)
    open_, done = a_refund(payment, 1), a_refund(payment, 2)

    def start(store: Store) -> None:
        store.refunds.start(open_)
        store.refunds.start(done)
        done.decline(NOW)
        store.refunds.save(done)

    await transact(start)
    later = NOW + timedelta(seconds=1)
    before = await transact(lambda store: store.refunds.open_before(later, 10))
    assert [refund.id for refund in before] == [open_.id]
    assert not await transact(lambda store: store.refunds.open_before(NOW, 10))
    stale = a_refund(payment, 2)
    stale.id, stale.version = done.id, 1
    with pytest.raises(ChangedMeanwhileError):
        await transact(lambda store: store.refunds.save(stale))


async def test_refunds_are_listed_a_page_at_a_time(transact: Transact[Store]) -> None:
    payment, other = a_captured_payment(), a_captured_payment()
    await keep(transact, payment, other)
    refunds = [a_refund(payment, n, now=NOW + timedelta(seconds=n)) for n in (2, 1, 3)]
    for refund in [*refunds, a_refund(other, 5)]:
        assert await started(transact, refund)

    async def amounts(
        sort: str, *, descending: bool, limit: int = 10, offset: int = 0
    ) -> tuple[int, list[int]]:
        page = await transact(
            lambda store: store.refunds.page(
                payment.id, sort=sort, descending=descending, limit=limit, offset=offset
            )
        )
        return page.total, [refund.amount.amount for refund in page.items]

    assert await amounts("created_at", descending=True) == (3, [3, 2, 1])
    assert await amounts("amount", descending=False) == (3, [1, 2, 3])
    assert await amounts("created_at", descending=True, limit=1, offset=1) == (3, [2])


async def test_an_event_is_new_once(transact: Transact[Store]) -> None:
    payment = a_payment()
    await keep(transact, payment)
    heard = [
        await transact(lambda store: store.events.remember("evt_1", payment.id, NOW))
        for _ in range(3)
    ]
    assert heard == [True, False, False]


async def test_an_idempotency_key_begins_one_refund(transact: Transact[Store]) -> None:
    made: list[UUID] = []

    def begin() -> UUID:
        made.append(uuid7())
        return made[-1]

    def once(store: Store, owner: UUID, request: object) -> UUID:
        return store.keys.once(owner=owner, key="k", request=request, now=NOW, begin=begin)

    first = await transact(lambda store: once(store, ADA, ["a", 1]))
    again = await transact(lambda store: once(store, ADA, ["a", 1]))
    others = await transact(lambda store: once(store, BOB, ["a", 1]))
    assert [first, first, others] == [again, made[0], made[1]]
    with pytest.raises(IdempotencyKeyReusedError):
        await transact(lambda store: once(store, ADA, ["a", 2]))


async def test_of_two_refunds_at_once_one_finds_nothing_left(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/payment.db"
    with open_database(url, MIGRATIONS) as one, open_database(url, MIGRATIONS) as two:
        payment = a_captured_payment(amount=usd(1000))
        await keep(one.transact(SqlStore), payment)
        refunds = [a_refund(payment, 600) for _ in range(8)]
        outcomes = await asyncio.gather(
            *(
                started(database.transact(SqlStore), refund)
                for database, refund in zip([one, two] * 4, refunds, strict=True)
            )
        )
    assert outcomes.count(True) == 1
