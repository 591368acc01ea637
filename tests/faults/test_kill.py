"""The power goes again and again in the middle of purchases."""

import os
from pathlib import Path

from tests.harness.power import cut_the_power

MOMENTS = 15 if os.environ.get("FAULTS") == "bounded" else 100


async def test_killed_at_many_moments_under_load_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    await cut_the_power(tmp_path / "data", moments=MOMENTS)
