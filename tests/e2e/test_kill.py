"""The power goes ten times in the middle of purchases."""

from pathlib import Path

from tests.harness.power import cut_the_power


async def test_killed_at_ten_moments_under_load_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    await cut_the_power(tmp_path / "data", moments=10)
