"""The ladder: every good file climbs it, every known-bad one falls from the rung that names it.

Rungs from the API server on need a cluster's KUBECONFIG; without one a bad file is still seen to
pass all the rungs below, and the rest is skipped out loud.
"""

import os
from collections import Counter

import pytest
from tests.delivery import catches, tables
from tests.delivery.bad import Bad
from tools.delivery.ladder import Good, Missing, Rung, climb

BAD = tables.bad()
GOOD = {bad.good.name: bad.good for bad in BAD} | {good.name: good for good in tables.good()}


def reachable() -> Rung:
    return max(Rung) if os.environ.get("KUBECONFIG") else Rung.SCHEMA


@pytest.mark.parametrize("good", GOOD.values(), ids=list(GOOD))
def test_a_good_file_climbs_the_ladder(good: Good) -> None:
    try:
        refusal = climb(good, good.read(), to=reachable())
    except Missing as missing:
        pytest.skip(f"NOT CLIMBED: {missing}")
    assert refusal is None, f"rung {refusal.rung.name}: {refusal.words}"


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_bad_file_falls_where_it_should(bad: Bad) -> None:
    try:
        refusal = climb(bad.good, bad.text(), to=min(bad.rung, reachable()))
    except Missing as missing:
        pytest.skip(f"NOT CAUGHT: {missing}")
    if refusal is None and bad.rung > reachable():
        pytest.skip(
            f"NOT CAUGHT: it passes the rungs below {bad.rung.name}, which needs a cluster"
        )
    assert refusal is not None, f"{bad.name} climbs to {bad.rung.name} and is not refused"
    assert refusal.rung is bad.rung, f"{refusal.rung.name} refused it already: {refusal.words}"
    assert bad.says in refusal.words


def test_no_two_are_alike_and_each_rung_has_enough() -> None:
    assert not [what for what, n in Counter((b.kind, b.rule) for b in BAD).items() if n > 1]
    assert all(n >= 8 for n in Counter(bad.rung for bad in BAD).values())
    assert len(BAD) >= 60


def test_the_page_tells_what_is_caught() -> None:
    assert catches.PAGE.read_text("utf-8") == catches.page(), "python -m tests.delivery.catches"
