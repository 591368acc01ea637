"""Browsers of the tests, and what people do with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from bookstore.identity.settings import Settings
from bookstore.kit.http import Application
from services.identity.tests.builders import ADA, HOME, PASSWORD

STAFF = {"email": "staff@example.com", "password": "staff password"}
ADAS = {"email": ADA, "password": PASSWORD}
REGISTRATION = {**ADAS, "first_name": "Ada", "last_name": "Lovelace"}
SETTINGS = Settings(service_clients=f"order:{'s' * 32}")


@asynccontextmanager
async def browser(
    app: Application, address: str = HOME, **headers: str
) -> AsyncIterator[AsyncClient]:
    """Open a browser at an address; its cookies are its own."""
    transport = ASGITransport(app, client=(address, 50_000))
    base = "http://127.0.0.1:8080"
    async with AsyncClient(transport=transport, base_url=base, headers=headers) as client:
        yield client


async def sign_up(client: AsyncClient, **changes: Any) -> Response:
    return await client.post("/api/v1/users/signup", json=REGISTRATION | changes)


async def sign_in(client: AsyncClient, **credentials: str) -> Response:
    return await client.post("/api/v1/users/signin", json=credentials or ADAS)


async def exchange(client: AsyncClient, refresh_token: str | None = None) -> Response:
    headers = {"cookie": f"refresh_token={refresh_token}"} if refresh_token else None
    return await client.post("/api/v1/users/tokens/exchange", headers=headers)


def bearer(signed_in: Response) -> dict[str, str]:
    return {"authorization": f"Bearer {signed_in.json()['access_token']}"}


def code(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]
