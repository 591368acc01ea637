"""What Keycloak's own administrator does, in its console: tidy up, rotate a key."""

import secrets
from typing import Any

import httpx
from tools.servers.keycloak import ADMIN, Keycloak


class Console:
    """Signed in to the realm `master`, at work in the realm `bookstore`."""

    def __init__(self, server: Keycloak) -> None:
        user, password = ADMIN
        form = {"grant_type": "password", "client_id": "admin-cli"}
        form |= {"username": user, "password": password}
        address = f"{server.url}/realms/master/protocol/openid-connect/token"
        granted = httpx.post(address, data=form, timeout=30).raise_for_status().json()
        self.token: str = granted["access_token"]
        self._http = httpx.Client(
            base_url=f"{server.url}/admin/realms/bookstore",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=30,
        )

    def close(self) -> None:
        self._http.close()

    def forget_everybody(self) -> None:
        """Delete the people; the services stay."""
        for user in self._ask("GET", "/users?max=1000"):
            self._ask("DELETE", f"/users/{user['id']}")

    def rotate(self) -> None:
        """Sign with a new key from now on; the old ones verify on."""
        config = {"priority": [str(1000 + secrets.randbelow(10**6))], "algorithm": ["RS256"]}
        document = {
            "name": f"rsa-{secrets.token_hex(4)}",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": self._ask("GET", "")["id"],
            "config": config | {"enabled": ["true"], "active": ["true"], "keySize": ["2048"]},
        }
        self._ask("POST", "/components", document)

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        answer = self._http.request(method, path, json=document).raise_for_status()
        return answer.json() if answer.content else None
