"""An issuer in the test's own process: whoever has its URL believes the tokens it signs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from bookstore.kit.auth import Algorithm, Key

SECRET = "a-secret-of-services-which-nobody-guesses"


@dataclass(frozen=True)
class Issuer:
    """Signs for the store at `url`."""

    url: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def settings(self) -> dict[str, str]:
        """What a service's process needs to believe it."""
        return {"PUBLIC_URL": self.url, "SERVICE_SECRET": SECRET}

    @property
    def keys(self) -> bytes:
        """Its JSON Web Key Set."""
        key = Key(kid="test", algorithm=Algorithm.ES256, public=self.private.public_key())
        return json.dumps({"keys": [key.as_jwk()]}).encode()

    @property
    def grant(self) -> bytes:
        """What a service is given that asks for its token."""
        return json.dumps({"access_token": self.sign(), "expires_in": 900}).encode()

    def sign(self, **changes: Any) -> str:
        """Sign an access token: a service's, but for the changes."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "bookstore",
            "sub": "order",
            "client_id": "order",
            "realm_access": {"roles": ["system"]},
            "iat": now,
            "exp": now + 900,
        }
        return jwt.encode(
            claims | changes, self.private, "ES256", headers={"typ": "at+jwt", "kid": "test"}
        )

    async def token(self) -> str:
        """Return a service's token, as a channel wants it."""
        return self.sign()


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Serve an issuer's keys, and give any service its token, until the block ends."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/.well-known/jwks.json" else 404)
            self.end_headers()
            self.wfile.write(issuer.keys)

        def do_POST(self) -> None:
            self.send_response(200 if self.path == "/oauth/token" else 404)
            self.end_headers()
            self.wfile.write(issuer.grant)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Keys) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
