"""The simulated card network: tokens steer it, and it forgets nothing when it restarts."""

import asyncio
from pathlib import Path

import pytest

from bookstore.kit.money import Money
from bookstore.payment.application.ports import (
    Approved,
    Declined,
    NetworkUnavailableError,
    Release,
)
from bookstore.payment.outbound.patient import Patience, PatientCardNetwork
from bookstore.payment.outbound.simulator.network import Timing, open_simulator
from services.payment.tests.builders import usd
from services.payment.tests.conftest import QUICK
from services.payment.tests.networks import FakeCardNetwork

IMPATIENT = Patience(deadline=0.5, attempts=3, backoff=0, longest_backoff=0)


async def test_some_tokens_lose_the_first_answer_only(tmp_path: Path) -> None:
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=QUICK) as network:
        with pytest.raises(NetworkUnavailableError):
            await network.authorise("a", "tok_timeout_after", usd(1000))
        assert await network.authorise("a", "tok_timeout_after", usd(1000)) == Approved()

        await network.authorise("c", "tok_capture_timeout_after", usd(1000))
        with pytest.raises(NetworkUnavailableError):
            await network.capture("c")
        assert await network.capture("c") == Approved()

        await network.authorise("r", "tok_refund_timeout_after", usd(1000))
        await network.capture("r")
        with pytest.raises(NetworkUnavailableError):
            await network.refund("r", "r1", usd(700))
        assert await network.refund("r", "r1", usd(700)) == Approved()
        assert isinstance(await network.refund("r", "r2", usd(700)), Declined)


async def test_a_lost_answer_had_its_effect_and_an_unheard_call_had_none(tmp_path: Path) -> None:
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=QUICK) as network:
        for key, token, release in (
            ("a", "tok_timeout_after", Release.VOIDED),
            ("b", "tok_timeout_before", Release.UNKNOWN),
        ):
            with pytest.raises(NetworkUnavailableError):
                await network.authorise(key, token, usd(1000))
            assert await network.void(key) is release
        assert await network.authorise("b", "tok_timeout_before", usd(1000)) == Approved()


async def test_a_token_that_nobody_issued_is_declined(tmp_path: Path) -> None:
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=QUICK) as network:
        reply = await network.authorise("k", "tok_made_up", usd(1000))
        assert isinstance(reply, Declined)
        assert reply.code == "unknown-token"


async def test_a_refund_in_another_currency_is_declined(tmp_path: Path) -> None:
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=QUICK) as network:
        await network.authorise("k", "tok_visa", usd(1000))
        await network.capture("k")
        assert isinstance(await network.refund("k", "r", Money(1, "EUR")), Declined)


async def test_a_slow_card_takes_its_time(tmp_path: Path) -> None:
    timing = Timing(slow=60, silent=60)
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=timing) as network:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await network.authorise("k", "tok_slow", usd(1000))
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=QUICK) as network:
        assert await network.authorise("k", "tok_slow", usd(1000)) == Approved()


async def test_what_it_did_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/n.db"
    async with open_simulator(url, timing=QUICK) as network:
        await network.authorise("k", "tok_visa", usd(1000))
        await network.capture("k")
    async with open_simulator(url, timing=QUICK) as network:
        assert await network.void("k") is Release.CAPTURED


@pytest.mark.parametrize("token", ["tok_timeout_before", "tok_timeout_after"])
async def test_patience_gets_an_answer_where_the_first_was_lost(
    tmp_path: Path, token: str
) -> None:
    timing = Timing(silent=60)
    async with open_simulator(f"sqlite:///{tmp_path}/n.db", timing=timing) as simulator:
        network = PatientCardNetwork(simulator, IMPATIENT)
        assert await network.authorise("k", token, usd(1000)) == Approved()
        assert await network.void("k") is Release.VOIDED


class Silent(FakeCardNetwork):
    """Never answers; counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def capture(self, key: str) -> Approved | Declined:
        self.asked += 1
        await asyncio.sleep(60)
        raise AssertionError(key)


async def test_patience_ends() -> None:
    silent = Silent()
    patience = Patience(deadline=0.01, attempts=3, backoff=0.001, longest_backoff=0.002)
    with pytest.raises(NetworkUnavailableError):
        await PatientCardNetwork(silent, patience).capture("k")
    assert silent.asked == 3


def test_all_attempts_together_fit_into_the_steps_fifteen_seconds() -> None:
    assert Patience().total.total_seconds() <= 12
