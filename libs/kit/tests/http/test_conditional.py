"""Conditional requests and preferences: what the headers may say."""

import pytest

from bookstore.kit.errors import VersionMismatchError, VersionRequiredError
from bookstore.kit.http import Preference, precondition, preference
from libs.kit.tests.http.shop import client, open_shop


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ('"3.abc"', 304),
        ('W/"3.abc"', 304),
        ('"1", W/"3.abc"', 304),
        ("*", 304),
        ('"3.abd"', 200),
        ('"3"', 200),
        ("3.abc", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_the_client_has_is_not_sent_again(method: str, seen: str, status: int) -> None:
    async with client(open_shop()) as http:
        response = await http.request(method, "/things/1", headers={"if-none-match": seen})
    assert response.status_code == status
    assert response.headers["etag"] == '"3.abc"'
    assert response.headers["cache-control"] == "max-age=1"
    assert (response.content == b"") == (status == 304 or method == "HEAD")


async def test_a_header_in_several_lines_is_one_list() -> None:
    async with client(open_shop()) as http:
        lines = [("if-none-match", '"1"'), ("if-none-match", '"3.abc"')]
        assert (await http.get("/things/1", headers=lines)).status_code == 304
        twice = [("authorization", "Bearer ada"), ("authorization", "Bearer ada")]
        path = "/orders/00000000-0000-0000-0000-000000000001"
        assert (await http.get(path, headers=twice)).status_code == 401


@pytest.mark.parametrize("header", ['"3.abc"', '"3"', '"1", "3.zzz"', "*", ' "3" '])
def test_a_change_names_the_version_it_saw(header: str) -> None:
    precondition(header).check(3)


@pytest.mark.parametrize("header", ['"4.abc"', 'W/"3.abc"', "3", "", '"33"', '"*"'])
def test_a_change_of_another_version_is_refused(header: str) -> None:
    with pytest.raises(VersionMismatchError):
        precondition(header).check(3)


def test_a_change_that_names_no_version_is_refused() -> None:
    with pytest.raises(VersionRequiredError):
        precondition(None).check(3)


@pytest.mark.parametrize(
    ("header", "expected", "applied"),
    [
        (None, Preference(), None),
        ("", Preference(), None),
        ("wait=10", Preference(10.0), "wait=10"),
        ("wait=3600", Preference(60.0), "wait=60"),
        ('Wait="5"; x=1', Preference(5.0), "wait=5"),
        ("respond-async, wait=1", Preference(1.0, respond_async=True), "respond-async, wait=1"),
        ("RESPOND-ASYNC", Preference(respond_async=True), "respond-async"),
        ("wait=1, wait=9", Preference(1.0), "wait=1"),
        ("wait=-1, wait=1.5, wait=x, wait, return=minimal", Preference(), None),
        ("wait=9999999999", Preference(60.0), "wait=60"),
        ("wait=" + "9" * 400, Preference(60.0), "wait=60"),
        ("wait=00000000000000000005", Preference(5.0), "wait=5"),
    ],
)
def test_preferences_are_read(
    header: str | None, expected: Preference, applied: str | None
) -> None:
    assert preference(header) == expected
    assert expected.applied() == applied


@pytest.mark.parametrize(
    ("header", "applied"),
    [("respond-async", None), ("respond-async, wait=9", "wait=9"), ("wait=9", "wait=9")],
)
def test_what_is_over_was_not_answered_asynchronously(header: str, applied: str | None) -> None:
    assert preference(header).applied(over=True) == applied
