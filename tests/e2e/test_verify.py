"""After everything else has been tried on the store, its books must be in order."""

from tests.harness.people import Buyer, Staff
from tests.harness.store import Store


async def test_every_invariant_holds_beside_the_running_store(
    store: Store, buyer: Buyer, staff: Staff
) -> None:
    await buyer.buy((await staff.shelve(1), 1))

    verified = store.verify()

    assert verified.returncode == 0, verified.stdout + verified.stderr
