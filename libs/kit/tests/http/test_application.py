"""The application as a whole: draining, other origins, proxies, and the pages beside."""

import re

import pytest

from bookstore.kit.caller import Caller
from bookstore.kit.errors import InvalidError, UnavailableError
from bookstore.kit.http import HttpSettings, application
from bookstore.kit.http.field_codes import FieldCode
from libs.kit.tests.http.shop import CALLERS, Shop, client, open_shop, operations

ORIGIN = {"origin": "https://shop.example"}


async def test_a_drain_fails_readiness_then_answers_nobody() -> None:
    told: list[str] = []
    app = application(
        operations(Shop()), authenticator=CALLERS, drain=lambda: told.append("drain")
    )
    async with client(app) as http:
        assert (await http.get("/readyz")).status_code == 200
        app.drain()
        ready, alive, served = [await http.get(p) for p in ("/readyz", "/healthz", "/things")]
        app.refuse()
        refused = await http.get("/things")
    assert told == ["drain"]
    assert (ready.status_code, alive.status_code, served.status_code) == (503, 200, 200)
    assert (refused.status_code, refused.json()["code"]) == (503, "draining")
    assert refused.headers["connection"] == "close"
    assert refused.headers["retry-after"] == "1"


async def test_a_connection_is_answered_on_once_more_while_draining() -> None:
    app = application(operations(Shop()), authenticator=CALLERS)
    async with client(app) as http:
        before = await http.get("/things")
        app.drain()
        after = await http.get("/things")

    assert (before.status_code, after.status_code) == (200, 200)
    assert "connection" not in before.headers
    assert after.headers["connection"] == "close"


async def test_readiness_is_what_the_services_say() -> None:
    async def ready() -> None:
        raise UnavailableError("the database is being migrated")

    async with client(application([], authenticator=CALLERS, ready=ready)) as http:
        response = await http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"] == "the database is being migrated"


async def test_other_origins_are_heard_by_setting_only() -> None:
    preflight = ORIGIN | {"access-control-request-method": "PUT"}
    settings = HttpSettings(cors_origins="https://shop.example, https://b", cors_credentials=True)
    app = application(operations(Shop()), authenticator=CALLERS, settings=settings)
    async with client(app) as http:
        allowed = await http.options("/things", headers=preflight)
        read = await http.get("/things/1", headers=ORIGIN)
        other = await http.get("/things/1", headers={"origin": "https://evil.example"})
    async with client(open_shop()) as http:
        closed = await http.get("/things/1", headers=ORIGIN)
    assert allowed.status_code == 200
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    assert read.headers["access-control-allow-origin"] == "https://shop.example"
    assert read.headers["access-control-allow-credentials"] == "true"
    for exposed in ("ETag", "Location", "Retry-After", "Link", "Preference-Applied"):
        assert exposed in read.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in other.headers
    assert "access-control-allow-origin" not in closed.headers


@pytest.mark.parametrize(
    "values",
    [{"cors_origins": "*", "cors_credentials": True}, {"trusted_proxies": "10.0.0.0/8, nonsense"}],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"CORS_ORIGINS|TRUSTED_PROXIES"):
        HttpSettings(**values)  # type: ignore[arg-type] # either kind of value


@pytest.mark.parametrize(
    ("trusted", "forwarded", "expected"),
    [
        ("", "1.2.3.4", "127.0.0.1"),
        ("10.0.0.0/8", "1.2.3.4", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("127.0.0.0/8,10.0.0.0/8", "6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
async def test_only_trusted_proxies_say_who_asks(
    trusted: str, forwarded: str, expected: str
) -> None:
    shop = Shop()
    settings = HttpSettings(trusted_proxies=trusted)
    app = application(operations(shop), authenticator=CALLERS, settings=settings)
    async with client(app) as http:
        headers = {
            "x-forwarded-for": forwarded,
            "forwarded": "for=7.7.7.7",
            "x-real-ip": "7.7.7.7",
        }
        await http.get("/things", headers=headers)
    caller = shop.asked[0]
    assert isinstance(caller, Caller)
    assert caller.address == expected


async def test_the_specification_is_that_of_what_is_served() -> None:
    async with client(open_shop()) as http:
        document = (await http.get("/openapi.json")).json()
    assert document["paths"].keys() == {"/things"}
    assert document["info"]["title"] == "Shop"


async def test_figures_are_kept_by_operation_and_status() -> None:
    async with client(open_shop()) as http:
        await http.get("/things/1")
        await http.get("/things/x")
        await http.get("/nowhere/at/all")
        text = (await http.get("/metrics")).text
    assert 'http_requests_total{operation="GET /things/{id}",status="200"} 1.0' in text
    assert 'http_requests_total{operation="GET /things/{id}",status="404"} 1.0' in text
    assert 'http_requests_total{operation="none",status="404"} 1.0' in text
    assert 'http_request_duration_seconds_count{operation="GET /things/{id}"} 2.0' in text


async def test_pages_for_people_come_from_here_alone() -> None:
    async with client(open_shop()) as http:
        docs, style, script, errors = [
            await http.get(path)
            for path in ("/docs", "/docs/docs.css", "/docs/docs.js", "/docs/errors")
        ]
    assert style.headers["content-type"].startswith("text/css")
    assert script.headers["content-type"].startswith("text/javascript")
    for page in (docs, errors):
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
    for text in (docs.text, style.text, script.text, errors.text):
        assert "//cdn" not in text
        assert "@import" not in text
        assert 'src="http' not in text


async def test_what_the_pages_name_is_there() -> None:
    async with client(open_shop()) as http:
        seen: set[str] = set()
        waiting = ["/docs", "/docs/errors"]
        while waiting:
            path = waiting.pop()
            page = await http.get(path)
            assert page.status_code == 200, path
            seen.add(path)
            named = re.findall(r'(?:src|href|from)=? ?"(/[^"#]*)"', page.text)
            waiting += set(named) - seen - set(waiting)
    assert seen >= {"/docs/icon.svg", "/docs/schema.js", "/docs/docs.css", "/openapi.json"}


async def test_every_code_of_the_tree_is_explained() -> None:
    class SurprisingError(InvalidError):
        """It surprises <everybody>."""

        code = "surprising"

    async with client(open_shop()) as http:
        first = (await http.get("/docs/errors")).text
    assert f'id="{SurprisingError.code}"' in first
    assert "It surprises &lt;everybody&gt;." in first
    for code in ("idempotency-key-required", "version-mismatch", "storage-full", "malformed"):
        assert f'id="{code}"' in first


async def test_every_code_of_a_field_is_explained_and_words_of_programs_look_so() -> None:
    async with client(open_shop()) as http:
        page = (await http.get("/docs/errors")).text
    for code in FieldCode:
        assert f'id="field-{code}"' in page
        assert code.meaning
    assert "`" not in page
    assert "<code>Authorization: Bearer &lt;token&gt;</code>" in page


async def test_websockets_are_turned_away() -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    await open_shop()({"type": "websocket", "path": "/"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1000}]
