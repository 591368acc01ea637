"""One store for all end-to-end tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.harness.people import Buyer, Staff
from tests.harness.store import Store, running

PACE = {"NETWORK_SLOW": "1", "NETWORK_DEADLINE": "1.5"}  # half of what it is for people


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("e2e") / "data", **PACE) as store:
        yield store


@pytest.fixture
async def staff(store: Store) -> AsyncIterator[Staff]:
    async with Staff(store.url) as staff:
        yield staff


@pytest.fixture
async def buyer(store: Store) -> AsyncIterator[Buyer]:
    async with Buyer(store.url) as buyer:
        yield buyer
