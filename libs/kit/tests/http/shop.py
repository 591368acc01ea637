"""A small shop, written as the generator would, whose port says what it was asked."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx
from msgspec import Meta, Raw, Struct, field

from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.errors import ConflictError
from bookstore.kit.http import PUBLIC, Application, Instant, Operation, Reply, application

SPECIFICATION = Path(__file__).with_name("shop.json")
ADA = Caller(id=UUID(int=1), roles=frozenset({Role.PROFILE, Role.ORDER}))
STAFF = Caller(id=UUID(int=2), roles=frozenset({Role.MANAGE}))
CALLERS = KnownCallers({"ada": ADA, "staff": STAFF})
KEY = {"idempotency-key": "k-1"}


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    book_id: Annotated[int, Meta(ge=1, le=9007199254740991)]
    note: Annotated[str, Meta(max_length=20)] | None = None


class NewThing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    price: Annotated[int, Meta(ge=0, le=1000)] = 0
    description: Annotated[str, Meta(max_length=50, extra={"text": "lines"})] | None = None
    password: Annotated[str, Meta(max_length=50, extra={"text": "kept"})] | None = None
    code: Annotated[str, Meta(max_length=5, pattern=r"^[A-Z ]+$")] | None = None
    owner: UUID | None = None
    seen_at: Instant | None = None
    lines: Annotated[list[Line], Meta(max_length=2)] = []


class ListThingsQuery(Struct, frozen=True, kw_only=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)] | None = None
    author_ids: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(max_length=3)] | None = field(
        default=None, name="author_ids[]"
    )
    available: bool | None = None
    created_from: Instant | None = None
    owner: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


class OrderHeader(Struct, frozen=True, kw_only=True):
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[!-~]+$")]
    prefer: Annotated[str, Meta(max_length=10)] | None = None


class SignOutCookie(Struct, frozen=True, kw_only=True):
    refresh_token: Annotated[str, Meta(max_length=20)] | None = None


class Shop:
    """Keeps what it was asked in `asked`."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def list_things(self, caller: Caller, query: ListThingsQuery) -> list[str]:
        self.asked = [caller, query]
        return []

    async def get_thing(self, _caller: Caller, thing_id: int) -> Reply[object]:
        self.asked = [thing_id]
        return Reply(200, Raw(b'{"id":1}'), etag="3.abc", headers={"Cache-Control": "max-age=1"})

    async def create_thing(self, caller: Caller, body: NewThing) -> Reply[object]:
        self.asked = [caller, body]
        return Reply(201, {"id": 1}, location="/things/1")

    async def delete_thing(self, _caller: Caller, thing_id: int) -> None:
        self.asked = [thing_id]

    async def get_order(self, _caller: Caller, order_id: UUID) -> dict[str, str]:
        self.asked = [order_id]
        return {"id": str(order_id)}

    async def place_order(
        self, caller: Caller, query: ListThingsQuery, header: OrderHeader, body: NewThing
    ) -> Reply[object]:
        self.asked = [caller, query, header, body]
        error = ConflictError("the books are sold out", retry_after=3)
        error.instance = "/orders/1"  # type: ignore[attr-defined] # as order's errors have it
        raise error

    async def import_things(self, _caller: Caller, body: bytes) -> int:
        return len(body)

    async def sign_out(self, _caller: Caller, cookie: SignOutCookie) -> None:
        self.asked = [cookie]

    async def fail(self, _caller: Caller) -> None:
        raise RuntimeError("SELECT secret FROM table")


def operations(shop: Shop) -> list[Operation]:
    """Say how the shop is asked."""
    return [
        _public("GET", "/things", shop.list_things, query=ListThingsQuery),
        _staff("POST", "/things", shop.create_thing, status=201, body=NewThing),
        _staff(
            "POST",
            "/things/import",
            shop.import_things,
            body=bytes,
            content_type="text/csv",
            max_body=2000,
        ),
        _public("GET", "/things/{id}", shop.get_thing, ids=(int,)),
        _staff("DELETE", "/things/{id}", shop.delete_thing, status=204, ids=(int,)),
        _customers(
            "POST",
            "/orders",
            shop.place_order,
            status=201,
            query=ListThingsQuery,
            header=OrderHeader,
            body=NewThing,
            max_body=500,
        ),
        _customers("GET", "/orders/{id}", shop.get_order, ids=(UUID,)),
        _public("POST", "/signout", shop.sign_out, status=204, cookie=SignOutCookie),
        _public("GET", "/fail", shop.fail),
    ]


def _public(*route: object, status: int = 200, **rest: object) -> Operation:
    return Operation(*route, roles=PUBLIC, specification=SPECIFICATION, status=status, **rest)  # type: ignore[arg-type] # checked by running it


def _staff(*route: object, status: int = 200, **rest: object) -> Operation:
    roles = (Role.MANAGE,)
    return Operation(*route, roles=roles, specification=SPECIFICATION, status=status, **rest)  # type: ignore[arg-type] # likewise


def _customers(*route: object, status: int = 200, **rest: object) -> Operation:
    roles = (Role.ORDER, Role.MANAGE)
    return Operation(*route, roles=roles, specification=SPECIFICATION, status=status, **rest)  # type: ignore[arg-type] # likewise


def open_shop(shop: Shop | None = None) -> Application:
    """Return the shop as an application."""
    return application(operations(shop or Shop()), authenticator=CALLERS)


def client(app: Application, token: str = "") -> httpx.AsyncClient:
    """Return somebody who asks."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)
