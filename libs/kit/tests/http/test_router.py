"""Routes: HEAD, Allow, and no address but the one written down."""

import pytest

from bookstore.kit.http import Operation, application
from libs.kit.tests.http.shop import CALLERS, SPECIFICATION, Shop, client, open_shop, operations


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/things", "GET, HEAD, POST"),
        ("/things/1", "GET, HEAD, DELETE"),
        ("/things/import", "POST"),
        ("/healthz", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "get", "BREW"])
async def test_allow_is_whole(method: str, path: str, allow: str) -> None:
    async with client(open_shop(), "staff") as http:
        transport_request = http.build_request(method, path)
        transport_request.method = method  # httpx would write it in capitals
        response = await http.send(transport_request)
    assert response.status_code == 405
    assert response.headers["allow"] == allow


@pytest.mark.parametrize(
    "path", ["/things/", "//things", "/Things", "/things/1/", "/things/1/x", "/", "/thing"]
)
async def test_an_address_is_one_address(path: str) -> None:
    async with client(open_shop(), "staff") as http:
        for method in ("GET", "POST"):
            assert (await http.request(method, path)).status_code == 404, method


@pytest.mark.parametrize("path", ["/things", "/things/1", "/healthz", "/readyz", "/openapi.json"])
async def test_head_is_get_without_its_body(path: str) -> None:
    async with client(open_shop()) as http:
        get, head = await http.get(path), await http.head(path)
    assert head.status_code == get.status_code == 200
    assert head.headers == get.headers
    assert (head.content, get.content != b"") == (b"", True)


async def test_what_is_written_out_goes_before_what_is_in_braces() -> None:
    async with client(open_shop(), "staff") as http:
        response = await http.post(
            "/things/import", content=b"a,b", headers={"content-type": "text/csv"}
        )
    assert response.json() == 3


def test_two_operations_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="GET /things is there twice"):
        application(operations(Shop()) * 2, authenticator=CALLERS)


def test_an_operation_that_nobody_may_ask_for_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nobody may ask"):
        Operation(
            "GET", "/x", Shop().list_things, roles=(), specification=SPECIFICATION, status=200
        )
