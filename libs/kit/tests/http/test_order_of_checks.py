"""Of several faults in one request, the one that the contract names first is told."""

from typing import Any

import httpx
import pytest

from libs.kit.tests.http.shop import KEY, Shop, client, open_shop

BAD: dict[str, Any] = {"content": b"{", "headers": {"content-type": "text/plain"}}
LARGE = b'{"title":"' + b"x" * 600 + b'"}'
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("token", "request_line", "rest", "answer"),
    [
        ("", "POST /nowhere", BAD, "404 route-not-found"),
        ("", "PUT /orders", BAD, "405 method-not-allowed"),
        ("", "POST /orders?limit=0", BAD, "401 token-missing"),
        ("forged", "POST /orders?limit=0", BAD, "401 token-refused"),
        ("ada", "DELETE /things/abc", {}, "403 role-missing"),
        ("staff", "DELETE /things/abc", {}, "404 not-found"),
        ("ada", "POST /orders?limit=0", BAD, "415 unsupported-type"),
        ("ada", "POST /orders?limit=0", {"content": LARGE, "headers": JSON}, "413 too-large"),
        (
            "ada",
            "POST /orders?limit=0",
            {"content": b"{", "headers": JSON},
            "400 idempotency-key-required",
        ),
        (
            "ada",
            "POST /orders?limit=0",
            {"content": b"{", "headers": JSON | {"idempotency-key": ""}},
            "400 idempotency-key-required",
        ),
        (
            "ada",
            "POST /orders?limit=0",
            {"content": b"{", "headers": JSON | {"idempotency-key": "a b"}},
            "400 idempotency-key-invalid",
        ),
        (
            "ada",
            "POST /orders?limit=0",
            {"content": b"{", "headers": JSON | KEY},
            "400 malformed",
        ),
        (
            "ada",
            "POST /orders?limit=0",
            {"content": b"{}", "headers": JSON | KEY},
            "422 invalid",
        ),
        (
            "ada",
            "POST /orders",
            {"content": b'{"title":"x"}', "headers": JSON | KEY},
            "409 conflict",
        ),
    ],
)
async def test_the_first_fault_is_told(
    token: str, request_line: str, rest: dict[str, Any], answer: str
) -> None:
    method, path = request_line.split()
    async with client(open_shop(), token) as http:
        response = await http.request(method, path, **rest)
    assert f"{response.status_code} {response.json()['code']}" == answer


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found.keys() == {
        *("type", "title", "status", "detail", "code"),
        *("trace_id", "instance", "errors", "total"),
    }
    return found


async def test_a_failure_says_all_that_a_problem_document_has() -> None:
    async with client(open_shop(), "ada") as http:
        response = await http.post("/orders", json={"title": "x"}, headers=KEY)
    assert problem(response, 409) == {
        "type": "/docs/errors#conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "the books are sold out",
        "code": "conflict",
        "trace_id": response.json()["trace_id"],
        "instance": "/orders/1",
        "errors": [],
        "total": None,
    }
    assert response.headers["location"] == "/orders/1"
    assert response.headers["retry-after"] == "3"


async def test_a_fault_of_ours_is_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with client(open_shop()) as http:
        response = await http.get("/fail")
    assert problem(response, 500)["code"] == "internal"
    assert "SELECT" not in response.text
    assert "SELECT secret" in caplog.text
    assert response.json()["trace_id"] in caplog.text


async def test_a_trace_goes_on() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with client(open_shop()) as http:
        same = await http.get("/x", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        new = await http.get("/x", headers={"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"})
    assert same.json()["trace_id"] == trace
    assert new.json()["trace_id"] not in {trace, "0" * 32}


@pytest.mark.parametrize(
    "authorization",
    [
        "ada",
        "Basic ada",
        "Bearer",
        "Bearer ",
        "Bearer forged",
        "Bearer ada, Bearer ada",
        "Bearerada",
    ],
)
async def test_without_a_good_token_the_way_to_one_is_told(authorization: str) -> None:
    path = "/orders/00000000-0000-0000-0000-000000000001"
    async with client(open_shop()) as http:
        response = await http.get(path, headers={"authorization": authorization})
        query = await http.get(f"{path}?access_token=ada")
    assert problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"
    assert query.status_code == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "BeArEr"])
async def test_the_scheme_is_bearer_in_any_case(scheme: str) -> None:
    path = "/orders/00000000-0000-0000-0000-000000000001"
    async with client(open_shop()) as http:
        response = await http.get(path, headers={"authorization": f"{scheme} ada"})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"


async def test_what_is_public_takes_no_notice_of_tokens() -> None:
    shop = Shop()
    async with client(open_shop(shop), "forged") as http:
        response = await http.get("/things")
    assert response.status_code == 200
    assert getattr(shop.asked[0], "id", 1) is None
