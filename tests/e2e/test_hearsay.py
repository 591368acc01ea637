"""What the card network says by a webhook while it is still being asked."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.harness.people import Buyer, Staff
from tests.harness.store import running

from bookstore.payment.inbound.signature import sign

SECRET = "a secret of the card network"


async def tell(staff: Staff, payment: dict[str, Any], kind: str) -> dict[str, Any]:
    """Send what the network would about a payment; return the receipt."""
    now = datetime.now(UTC)
    event = {
        "id": f"evt_{payment['id']}",
        "type": kind,
        "payment_id": payment["id"],
        "amount": payment["amount"],
        "created_at": now.isoformat(),
    }
    body = json.dumps(event).encode()
    headers = {"Webhook-Signature": sign(SECRET, body, now), "Content-Type": "application/json"}
    answer = await staff.http.post("/api/v1/payments/webhooks", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def started(staff: Staff, order_id: str) -> dict[str, Any]:
    """Wait until the order's payment is on its way."""
    async with asyncio.timeout(10):
        while True:
            for payment in await staff.payments(order_id):
                assert payment["status"] == "started"
                return payment
            await asyncio.sleep(0.02)


async def test_a_decline_that_overtakes_the_authorisation_leaves_nothing_held(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "data", WEBHOOK_SECRET=SECRET) as store:
        async with Staff(store.url) as staff, Buyer(store.url) as buyer:
            book = await staff.shelve(1)
            asked = await buyer.buy((book, 1), token="tok_slow", key="k", prefer="respond-async")
            order_id = asked.json()["id"]
            receipt = await tell(staff, await started(staff, order_id), "declined")
            refused = await buyer.buy((book, 1), token="tok_slow", key="k")

            assert receipt["effect"] == "applied"
            assert (refused.status_code, refused.json()["code"]) == (402, "card-declined")
            assert [p["status"] for p in await staff.payments(order_id)] == ["declined"]
            assert await staff.figures(book) == (1, 0)
        verified = store.verify()
        assert verified.returncode == 0, verified.stdout + verified.stderr
