"""What any card network must do: one effect per key, however often it is asked."""

import asyncio

import pytest

from bookstore.payment.application.ports import Approved, CardNetwork, Declined, Release
from services.payment.tests.builders import usd


async def test_money_is_held_taken_and_paid_back(network: CardNetwork) -> None:
    for _ in range(2):
        assert await network.authorise("k", "tok_visa", usd(1000)) == Approved()
    for _ in range(2):
        assert await network.capture("k") == Approved()
    assert await network.void("k") is Release.CAPTURED
    for _ in range(2):
        assert await network.refund("k", "r1", usd(600)) == Approved()
    assert isinstance(await network.refund("k", "r2", usd(401)), Declined)
    assert await network.refund("k", "r3", usd(400)) == Approved()


async def test_a_free_order_is_held_and_taken_too(network: CardNetwork) -> None:
    assert await network.authorise("k", "tok_visa", usd(0)) == Approved()
    assert await network.capture("k") == Approved()


async def test_what_is_held_is_let_go_once(network: CardNetwork) -> None:
    await network.authorise("k", "tok_visa", usd(1000))
    assert [await network.void("k") for _ in range(2)] == [Release.VOIDED, Release.VOIDED]
    assert isinstance(await network.capture("k"), Declined)
    assert isinstance(await network.refund("k", "r", usd(1)), Declined)


async def test_a_key_it_never_saw_is_unknown(network: CardNetwork) -> None:
    assert await network.void("k") is Release.UNKNOWN
    assert isinstance(await network.capture("k"), Declined)
    assert isinstance(await network.refund("k", "r", usd(1)), Declined)


@pytest.mark.parametrize(
    ("token", "code"),
    [("tok_declined", "card-declined"), ("tok_insufficient_funds", "insufficient-funds")],
)
async def test_a_declined_card_stays_declined(network: CardNetwork, token: str, code: str) -> None:
    for _ in range(2):
        reply = await network.authorise("k", token, usd(1000))
        assert isinstance(reply, Declined)
        assert reply.code == code
    assert isinstance(await network.capture("k"), Declined)
    assert await network.void("k") is Release.VOIDED


async def test_some_cards_fail_after_the_authorisation(network: CardNetwork) -> None:
    assert await network.authorise("c", "tok_capture_declined", usd(1000)) == Approved()
    assert isinstance(await network.capture("c"), Declined)
    assert await network.void("c") is Release.VOIDED

    assert await network.authorise("r", "tok_refund_declined", usd(1000)) == Approved()
    assert await network.capture("r") == Approved()
    assert isinstance(await network.refund("r", "r1", usd(1000)), Declined)


async def test_twenty_calls_at_once_have_one_effect(network: CardNetwork) -> None:
    await network.authorise("k", "tok_visa", usd(1000))
    await asyncio.gather(*(network.capture("k") for _ in range(20)))
    replies = await asyncio.gather(*(network.refund("k", "r", usd(600)) for _ in range(20)))
    assert replies == [Approved()] * 20
    assert isinstance(await network.refund("k", "r2", usd(401)), Declined)
