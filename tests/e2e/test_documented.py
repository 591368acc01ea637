"""What /docs prefills works on a fresh store, in the order of its first steps."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.harness.store import Store


@pytest.fixture
async def reader(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=store.url, timeout=30) as reader:
        yield reader


async def test_the_examples_lead_from_signing_up_to_an_order(reader: httpx.AsyncClient) -> None:
    paths = (await reader.get("/openapi.json")).json()["paths"]

    async def try_it(path: str, **headers: str) -> httpx.Response:
        content = paths[path]["post"]["requestBody"]["content"]
        example: Any = content["application/json"]["example"]
        return await reader.post(path, json=example, headers=headers)

    assert (await try_it("/api/v1/users/signup")).status_code == 201
    signed_in = (await try_it("/api/v1/users/signin")).json()
    reader.headers["authorization"] = f"Bearer {signed_in['access_token']}"
    quoted = (await try_it("/api/v1/orders/quote")).json()
    ordered = await try_it("/api/v1/orders", **{"idempotency-key": "one"})

    assert ordered.status_code == 201, ordered.text
    assert ordered.json()["order_items"] == quoted["order_items"]
    assert ordered.json()["total_price"] == quoted["total_price"]

    payments = (await reader.get("/api/v1/payments")).json()
    mine = f"/api/v1/customers/{ordered.json()['user_id']}"
    assert (await reader.get(f"{mine}/payments")).json() == payments
    orders = (await reader.get("/api/v1/orders")).json()
    assert (await reader.get(f"{mine}/orders")).json() == orders
