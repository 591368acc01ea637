"""What docs/dead-neighbours.md says of each operation is what happens, and nothing else does.

Each service in turn is killed, and held still, while the five others are asked; then it is back,
and so is everything.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
from tests.harness.operations import REQUESTS, NotReadyError, Shop
from tests.harness.services import SIX as NAMES
from tests.harness.six import Six, six

PAGE = Path(__file__).parents[2] / "docs/dead-neighbours.md"
ROW = re.compile(
    r"\| (\w+) \| `([A-Z]+ \S+)` \| `([0-9]{3})(?: ([a-z-]+))?`(?:, `(\w+)` is `null`)? \|"
)
USUAL = {request.operation: request.usual for request in REQUESTS}
PATIENCE_S = 60
# An answer's time: a call has 2 seconds, and two follow one another; a busy machine adds its own.
SOON_S = 8.0
SOON_FOR_IMPORT_S = 35.0


class Answer(NamedTuple):
    """What the page says of an operation; `unknown` is the field that is null."""

    status: int
    code: str | None = None
    unknown: str | None = None


def told() -> dict[str, dict[str, Answer]]:
    """Read what is answered, by who is away and what is asked for."""
    table: dict[str, dict[str, Answer]] = {name: {} for name in NAMES}
    section = PAGE.read_text(encoding="utf-8").partition("## Operation by operation")[2]
    for line in section.splitlines():
        if line.startswith("| ") and "`" in line:
            row = ROW.fullmatch(line)
            assert row, f"this row says nothing that can be tried: {line}"
            away, operation, status, code, unknown = row.groups()
            table[away][operation] = Answer(int(status), code, unknown)
    return table


TOLD = told()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Six]:
    with six(tmp_path_factory.mktemp("neighbours")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(services: Six) -> AsyncIterator[Shop]:
    shop = Shop(services)
    yield shop
    await shop.close()


def test_all_that_the_page_tells_is_asked() -> None:
    assert {operation for rows in TOLD.values() for operation in rows} <= set(USUAL)
    assert sum(map(len, TOLD.values())) > 20


def test_what_the_page_names_is_there() -> None:
    named = re.findall(r"`((?:tests|services)/\S+\.py)`", PAGE.read_text(encoding="utf-8"))

    assert len(named) > 5
    assert [path for path in named if not (PAGE.parents[1] / path).is_file()] == []


def restart(services: Six, name: str) -> None:
    services.start(name)
    services.await_ready(name)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("away", NAMES)
@pytest.mark.parametrize(
    ("go", "come_back"), [(Six.kill, restart), (Six.hold, Six.let_go)], ids=["killed", "hung"]
)
async def test_what_is_answered_while_a_neighbour_is(
    services: Six,
    shop: Shop,
    away: str,
    go: Callable[[Six, str], None],
    come_back: Callable[[Six, str], None],
) -> None:
    await all_is_as_ever(shop)
    await shop.prepare()
    go(services, away)
    answers = await shop.ask(but=away)
    await asyncio.to_thread(come_back, services, away)
    await all_is_as_ever(shop)

    for operation, answer in answers.items():
        wanted = TOLD[away].get(operation, Answer(USUAL[operation]))
        assert (operation, answer.status_code) == (operation, wanted.status), answer.text
        limit = SOON_FOR_IMPORT_S if operation.endswith("/import") else SOON_S
        assert answer.elapsed.total_seconds() < limit, operation
        if wanted.status == httpx.codes.SERVICE_UNAVAILABLE:
            assert answer.headers["content-type"] == "application/problem+json"
            assert (answer.json()["code"], answer.headers["retry-after"]) == (wanted.code, "1")
        elif operation.startswith("GET /api/v1/books"):
            assert (quantity(answer.json()) is None) is (wanted.unknown == "quantity")


def quantity(document: dict[str, Any]) -> int | None:
    """Return how many copies there are of the book, alone or in a list."""
    (book,) = document.get("items", [document])
    found: int | None = book["quantity"]
    return found


async def all_is_as_ever(shop: Shop) -> None:
    """Wait until every operation is answered as usual."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            strange = await unusual(shop)
            if strange is None:
                return
            await asyncio.sleep(0.1)


async def unusual(shop: Shop) -> str | None:
    """Say what is not answered as usual, None if all is."""
    try:
        await shop.prepare()
        answers = await shop.ask()
    except (httpx.TransportError, NotReadyError) as error:
        return repr(error)
    for operation, answer in answers.items():
        if answer.status_code != USUAL[operation]:
            return f"{operation}: {answer.text}"
    return None
