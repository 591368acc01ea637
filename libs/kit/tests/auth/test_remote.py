"""Keys of an issuer elsewhere: fetched seldom, rotated without a restart."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from bookstore.kit.auth import Key, RemoteKeys
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import UnavailableError
from libs.kit.tests.auth.forge import ec_key, public, rsa_key

OLD, NEW = public("old", rsa_key()), public("new", ec_key())


class Issuer:
    """An issuer whose keys, health and speed the tests decide."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.status = 200
        self.body: bytes | None = None
        self.asked = 0
        self.waits = asyncio.Event()
        self.waits.set()

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.waits.wait()
        document = json.dumps({"keys": [key.as_jwk() for key in self.keys]}).encode()
        return httpx.Response(self.status, content=self.body or document)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(OLD)


@pytest.fixture
def keys(issuer: Issuer, clock: FakeClock) -> RemoteKeys:
    client = httpx.AsyncClient(transport=httpx.MockTransport(issuer))
    return RemoteKeys(
        "https://idp.example/jwks", client, clock=clock, timeout=timedelta(milliseconds=50)
    )


async def _finds(keys: RemoteKeys, kid: str) -> bool:
    return await keys.find(kid) is not None


async def test_keys_are_fetched_once(keys: RemoteKeys, issuer: Issuer) -> None:
    assert await _finds(keys, "old")
    assert await _finds(keys, "old")

    assert issuer.asked == 1


async def test_many_at_once_are_one_fetch(keys: RemoteKeys, issuer: Issuer) -> None:
    issuer.waits.clear()
    asking = [asyncio.create_task(_finds(keys, "old")) for _ in range(20)]
    await asyncio.sleep(0)
    issuer.waits.set()

    assert all(await asyncio.gather(*asking))
    assert issuer.asked == 1


async def test_a_new_key_is_found_without_a_restart(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock
) -> None:
    await keys.find("old")
    issuer.keys.append(NEW)
    clock.advance(timedelta(seconds=1))

    assert await _finds(keys, "new")
    assert await _finds(keys, "old")


async def test_a_withdrawn_key_is_forgotten_when_the_set_is_no_longer_fresh(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock
) -> None:
    await keys.find("old")
    issuer.keys = [NEW]
    clock.advance(timedelta(minutes=5))

    assert not await _finds(keys, "old")


async def test_made_up_names_do_not_make_us_fetch_and_fetch(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock
) -> None:
    for n in range(100):
        assert not await _finds(keys, f"made-up-{n}")
    assert issuer.asked == 1

    clock.advance(timedelta(seconds=1))
    await keys.find("made-up")
    assert issuer.asked == 2


async def test_an_issuer_that_is_away_is_not_asked_and_asked(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock
) -> None:
    issuer.status = 503
    again = []
    for seconds in (0, 1, 8, 1):
        clock.advance(timedelta(seconds=seconds))
        with pytest.raises(UnavailableError) as failure:
            await keys.find("old")
        again.append(failure.value.retry_after)

    assert issuer.asked == 2
    assert again == [10, 9, 1, 10]


LARGE = json.dumps({"keys": [NEW.as_jwk()]}).encode() + b" " * (2 << 20)
BROKEN = [b"{", b"[]", b"\xff", b"[" * 100_000, LARGE]


@pytest.mark.parametrize("body", BROKEN, ids=["cut", "list", "bytes", "deep", "large"])
async def test_a_broken_key_set_leaves_the_last_one(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock, body: bytes
) -> None:
    await keys.find("old")
    issuer.body = body
    clock.advance(timedelta(minutes=6))

    assert await _finds(keys, "old")
    assert issuer.asked == 2


async def test_an_issuer_that_is_away_is_missed_after_an_hour(
    keys: RemoteKeys, issuer: Issuer, clock: FakeClock
) -> None:
    await keys.find("old")
    issuer.status = 503
    clock.advance(timedelta(minutes=59))
    assert await _finds(keys, "old")

    clock.advance(timedelta(minutes=1))
    with pytest.raises(UnavailableError):
        await keys.find("old")

    issuer.status = 200
    clock.advance(timedelta(seconds=10))
    assert await _finds(keys, "old")


async def test_an_issuer_that_never_answers_is_not_waited_for(
    keys: RemoteKeys, issuer: Issuer
) -> None:
    issuer.waits.clear()

    with pytest.raises(UnavailableError):
        await keys.find("old")


async def test_a_redirect_is_not_followed(keys: RemoteKeys, issuer: Issuer) -> None:
    issuer.status = 302

    with pytest.raises(UnavailableError):
        await keys.find("old")
