"""What docs/ says of the code is so."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from pathlib import Path

import pytest

from bookstore.inventory.domain import reservation
from bookstore.order.domain import order
from bookstore.payment.domain import payment

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "docs/domain.md"


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(r"`(tok_\w+)`", id="test-cards"),
        pytest.param(r"^  (\w+)  ", id="commands"),
        pytest.param(r"`(--\w+)`", id="options"),
        pytest.param(r"`(/\w[^`]*)`", id="paths-of-the-store"),
        pytest.param(r"\]\(((?!README)\w[^)]*)\)", id="links"),
    ],
)
def test_the_korean_readme_leaves_nothing_out(named: str) -> None:
    english, korean = (
        set(re.findall(named, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("README.md", "README.ko.md")
    )

    assert english
    assert english <= korean


@pytest.mark.parametrize(
    ("what", "moves"),
    [
        ("order", order.MOVES),
        ("payment", payment.MOVES),
        ("reservation", reservation.MOVES),
    ],
)
def test_the_moves_of_the_document_are_those_of_the_code(
    what: str, moves: Mapping[StrEnum, AbstractSet[StrEnum]]
) -> None:
    text = DOMAIN.read_text(encoding="utf-8")
    _, table = text.split(f"| {what} | may become | when |\n|---|---|---|\n")
    rows = re.findall(r"^\| (\w+) \| (\w+) \|", table.partition("\n\n")[0], re.MULTILINE)

    assert sorted(rows) == sorted(
        (str(a), str(b)) for a, further in moves.items() for b in further
    )
