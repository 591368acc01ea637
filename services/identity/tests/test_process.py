"""Identity in a process of its own: what another process needs of it, over real sockets."""

import asyncio
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jwt
import pytest
from tools.servers.ports import free_address

from bookstore.contracts.proto.user.v1 import user_pb2 as pb
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.kit.auth import RemoteKeys, Verifier
from bookstore.kit.rpc import ServiceTokens, open_channel
from services.identity.tests.builders import ADA, PASSWORD

PATIENCE = 20  # seconds
SECRET = "a-secret-of-services-which-nobody-guesses"
STAFF = {"email": "staff@example.com", "password": "the staff's own password"}
ADAS = {"email": ADA, "password": PASSWORD}


@contextmanager
def served(folder: Path, http: str, rpc: str) -> Iterator[str]:
    """Serve until the block ends; a signal must then end it well."""
    environment = {
        "PATH": os.environ["PATH"],
        "IDENTITY_DATABASE_URL": f"sqlite:///{folder}/identity.db",
        "HTTP": http,
        "RPC": rpc,
        "PUBLIC_URL": f"http://{http}",
        "SERVICE_CLIENTS": f"order:{SECRET}",
        "STAFF_EMAIL": STAFF["email"],
        "STAFF_PASSWORD": STAFF["password"],
    }
    command = [sys.executable, "-m", "bookstore.identity", "serve"]
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_until_ready(process, http)
            yield f"http://{http}"
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"http://{address}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
        assert process.poll() is None
        assert time.monotonic() < deadline


async def test_tokens_and_sessions_outlive_the_process_and_verify_elsewhere(
    tmp_path: Path,
) -> None:
    http, rpc = free_address(), free_address()
    registration = {**ADAS, "first_name": "Ada", "last_name": "Lovelace"}
    async with httpx.AsyncClient(base_url=f"http://{http}") as client:
        with served(tmp_path, http, rpc):
            signed_up = await client.post("/api/v1/users/signup", json=registration)
            signed_in = await client.post("/api/v1/users/signin", json=ADAS)
            token_url = f"http://{http}/oauth/token"
            tokens = ServiceTokens(client, token_url, client="order", secret=SECRET)
            channel = open_channel(rpc, token=tokens)
            asked = pb.FindUserRequest(id=signed_up.json()["id"])
            user = (await UserServiceStub(channel).FindUser(asked)).user
            await channel.close()
        with served(tmp_path, http, rpc) as url:
            exchanged = await client.post("/api/v1/users/tokens/exchange")
            keys = RemoteKeys(f"{url}/.well-known/jwks.json", client)
            verifier = Verifier(keys, issuer=url, audience="bookstore")
            for session in (signed_in, exchanged):
                caller = await verifier.authenticate(session.json()["access_token"])
                assert (str(caller.id), caller.email) == (user.id, ADA)


async def test_the_account_that_runs_the_store_is_made_once_and_kept(tmp_path: Path) -> None:
    http, rpc = free_address(), free_address()
    tokens = []
    for _ in range(2):
        with served(tmp_path, http, rpc) as url:
            tokens.append(await signed_in_as_staff(url))

    first, second = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
    assert first["sub"] == second["sub"]
    assert "manage" in first["realm_access"]["roles"]


async def signed_in_as_staff(url: str) -> str:
    """Return a token of the account that the process makes once it is up."""
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=url) as client:
        while True:
            answer = await client.post("/api/v1/users/signin", json=STAFF)
            if answer.is_success:
                return str(answer.json()["access_token"])
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PUBLIC_URL": "books.example"}, "PUBLIC_URL: this is no address"),
        ({"SERVICE_CLIENTS": "order:short"}, "SERVICE_CLIENTS: a secret has 32 characters"),
        ({}, "SERVICE_CLIENTS: is not set"),
        ({"IDP": "auth0"}, "IDP: is auth0, but takes builtin or keycloak"),
        ({"IDP": "keycloak"}, "OIDC_ISSUER: is not set, but IDP is keycloak"),
        ({"ROLE": "reader"}, "ROLE: is reader, but takes all, query or command"),
    ],
)
def test_settings_that_make_no_sense_are_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    said: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["bookstore.identity", "serve"])
    for name, value in changes.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as end:
        runpy.run_module("bookstore.identity", run_name="__main__")

    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"identity: {said}")
