"""What any `Profiles` must do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookstore.identity.application.ports import Profiles, Search, UserSort
from bookstore.identity.domain.account import UserId
from bookstore.identity.outbound.profiles import SqlProfiles
from bookstore.kit.database import Database
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact, at_once
from services.identity.tests.builders import NOW, person, profile
from services.identity.tests.fakes import MemoryProfiles

ADA = profile(person("Ada@example.com", "Ada", "Lovelace"), "+44 1", NOW)
GRACE = profile(person("grace@example.com", "Grace", "Hopper"), None, NOW + timedelta(seconds=1))
ALAN = profile(person("alan@example.com", "Alan", "Turing"), "+44 2", NOW + timedelta(seconds=2))


@pytest.fixture(params=["memory", "sql"])
def transact(request: pytest.FixtureRequest, database: Database) -> Transact[Profiles]:
    if request.param == "memory":
        return at_once(MemoryProfiles())
    return database.transact(SqlProfiles)


@pytest.fixture
async def three(transact: Transact[Profiles]) -> Transact[Profiles]:
    await transact(lambda profiles: [profiles.keep(one) for one in (ADA, GRACE, ALAN)])
    return transact


async def names(transact: Transact[Profiles], search: Search) -> list[str]:
    page = await transact(lambda profiles: profiles.search(search))
    assert page.total >= len(page.profiles)
    return [one.person.first_name for one in page.profiles]


async def test_a_profile_is_kept_as_it_was_given(transact: Transact[Profiles]) -> None:
    assert await transact(lambda profiles: profiles.keep(ADA)) == ADA
    assert await transact(lambda profiles: profiles.find(ADA.id)) == ADA


async def test_a_profile_that_is_there_already_stays(transact: Transact[Profiles]) -> None:
    await transact(lambda profiles: profiles.keep(ADA))
    other = replace(ADA, phone="another")

    assert await transact(lambda profiles: profiles.keep(other)) == ADA


async def test_a_missing_profile_is_none(transact: Transact[Profiles]) -> None:
    assert await transact(lambda profiles: profiles.find(UserId(uuid7()))) is None


async def test_a_version_is_replaced_once(transact: Transact[Profiles]) -> None:
    await transact(lambda profiles: profiles.keep(ADA))
    changed = ADA.changed(person("ada@lovelace.example"), None, NOW)
    await transact(lambda profiles: profiles.replace(changed))

    assert await transact(lambda profiles: profiles.find(ADA.id)) == changed
    with pytest.raises(VersionMismatchError):
        await transact(lambda profiles: profiles.replace(changed))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["Alan", "Grace", "Ada"]),
        (Search(descending=False), ["Ada", "Grace", "Alan"]),
        (Search(sort=UserSort.EMAIL, descending=False), ["Ada", "Alan", "Grace"]),
        (Search(sort=UserSort.LAST_NAME), ["Alan", "Ada", "Grace"]),
        (Search(limit=1, offset=1), ["Grace"]),
        (Search(offset=3), []),
        (Search(email="ADA@EXAMPLE.COM"), ["Ada"]),
        (Search(email="ada"), []),
        (Search(name="a l"), ["Ada"]),
        (Search(name="ALAN T"), ["Alan"]),
        (Search(name="%"), []),
        (Search(name="_"), []),
        (Search(name="\\"), []),
        (Search(phone="+44 2"), ["Alan"]),
        (Search(phone="+44"), []),
        (Search(ids=[ADA.id, GRACE.id, UserId(uuid7())]), ["Grace", "Ada"]),
        (Search(ids=[]), []),
        (Search(name="a", phone="+44 1", email="ada@example.com"), ["Ada"]),
    ],
)
async def test_a_search_finds_what_matches(
    three: Transact[Profiles], search: Search, found: list[str]
) -> None:
    assert await names(three, search) == found


async def test_the_total_counts_all_pages_even_beyond_the_last(
    three: Transact[Profiles],
) -> None:
    page = await three(lambda profiles: profiles.search(Search(offset=30)))

    assert (page.total, list(page.profiles)) == (3, [])


async def test_a_deleted_profile_is_known_but_not_found(three: Transact[Profiles]) -> None:
    gone = ADA.made_anonymous(NOW)
    await three(lambda profiles: profiles.replace(gone))

    assert await names(three, Search()) == ["Alan", "Grace"]
    kept = await three(lambda profiles: profiles.find(ADA.id))
    assert kept == gone
    assert "ada" not in repr(kept).lower()
