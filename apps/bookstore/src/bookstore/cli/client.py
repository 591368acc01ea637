"""The store as a command sees it: its REST API, with time limits and sentences for failures."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Self

from bookstore.cli.terminal import CommandError

if TYPE_CHECKING:
    import httpx

CONNECT_S: Final = 10
READ_S: Final = 90  # an order may be waited for up to 60 s
BUSY_ATTEMPTS: Final = 5
DEFAULT_STAFF: Final = "staff@bookstore.example"  # as identity names it, at a first start


class RefusedError(CommandError):
    """The store said no; `problem` is its problem document (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keep what it said."""
        self.status = status
        self.problem = problem
        self.code: str = problem.get("code", "")
        super().__init__(f"The store refused ({status} {self.code}): {problem.get('detail', '')}")


class Client:
    """Calls one store, as nobody or as somebody who signed in."""

    def __init__(self, url: str, transport: "httpx.BaseTransport | None" = None) -> None:
        """Aim at the store; nothing is called yet."""
        import httpx  # noqa: PLC0415 `bookstore up` calls nobody, and need not wait for it

        self.url = url.rstrip("/")
        patience = httpx.Timeout(CONNECT_S, read=READ_S)
        self._http = httpx.Client(
            base_url=self.url, timeout=patience, transport=transport, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def sign_up(self, email: str, password: str, first_name: str, last_name: str) -> str:
        """Make an account; returns its id."""
        body = {
            "email": email,
            "password": password,
            "first_name": first_name,
            "last_name": last_name,
        }
        return str(self.post("/api/v1/users/signup", json=body).json()["id"])

    def sign_in(self, email: str, password: str) -> None:
        """Act as the account from now on."""
        body = {"email": email, "password": password}
        token = self.post("/api/v1/users/signin", json=body).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **options: Any) -> "httpx.Response":
        """Read; raises RefusedError."""
        return _accepted(self.call("GET", path, **options))

    def post(self, path: str, **options: Any) -> "httpx.Response":
        """Do; raises RefusedError."""
        return _accepted(self.call("POST", path, **options))

    def order(self, lines: dict[int, int], token: str, key: str | None = None) -> "httpx.Response":
        """Place an order of so many copies by book id; returns whatever the store answers."""
        body = {
            "order_items": [{"book_id": book, "quantity": n} for book, n in lines.items()],
            "payment_method": {"type": "card", "token": token},
        }
        headers = {"Idempotency-Key": key or secrets.token_hex(16), "Prefer": "wait=60"}
        return self.call("POST", "/api/v1/orders", json=body, headers=headers)

    def call(self, method: str, path: str, **options: Any) -> "httpx.Response":
        """Call and wait while the store says that it is busy; returns whatever it answers."""
        for attempt in range(1, BUSY_ATTEMPTS + 1):
            with self._reaching():
                answer = self._http.request(method, path, **options)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or attempt == BUSY_ATTEMPTS:
                return answer
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), 5))
        raise AssertionError("the last attempt returns")

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        import httpx  # noqa: PLC0415 see `__init__`

        try:
            yield
        except httpx.TimeoutException as error:
            raise CommandError(f"The store at {self.url} did not answer in time.") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise CommandError(
                f"No store answers at {self.url}: start one with `bookstore up`, "
                "or say where it is with --url."
            ) from error


def staff(url: str, email: str | None, password: str | None) -> Client:
    """Sign in with the staff account, the one of a first start if none is named.

    Raises CommandError.
    """
    if not password:
        raise CommandError(
            "This needs the staff account: set BOOKSTORE_STAFF_PASSWORD, and "
            f"BOOKSTORE_STAFF_EMAIL if it is not {DEFAULT_STAFF}, or give --email and "
            "--password (`bookstore staff reset` gives it a new password)."
        )
    client = Client(url)
    try:
        client.sign_in(email or DEFAULT_STAFF, password)
    except CommandError as error:
        client.close()
        if isinstance(error, RefusedError) and error.status == HTTPStatus.UNAUTHORIZED:
            raise CommandError("The staff account's address or password is wrong.") from error
        raise
    return client


def _accepted(answer: "httpx.Response") -> "httpx.Response":
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    raise RefusedError(answer.status_code, problem or {"detail": answer.reason_phrase})
