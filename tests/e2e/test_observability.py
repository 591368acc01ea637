"""Alerts and dashboard ask for what a store tells, and each alert says what mends it."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.harness.people import Buyer, Staff

ROOT = Path(__file__).parents[2]
FILES = ROOT / "deploy/observability"
OTHERS = {"up"}  # Prometheus' own
_NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+|up)\b(?=[{\[)\s]|$)")
_WORDS = re.compile(r"by \([^)]*\)|\"[^\"]*\"|\{[^}]*\}")


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"]
    return list(group["rules"])


def asked_for(expression: str) -> set[str]:
    """Return the names of the figures in an expression."""
    return set(_NAME.findall(_WORDS.sub(" ", expression))) - {"histogram_quantile"}


async def test_every_figure_that_is_asked_for_is_told(buyer: Buyer, staff: Staff) -> None:
    await buyer.buy((await staff.shelve(1), 1))
    page = (await buyer.http.get("/metrics")).text
    told = set(re.findall(r"^([a-z_]+)[{ ]", page, re.MULTILINE)) | OTHERS
    dashboard = json.loads((FILES / "dashboard.json").read_text())
    expressions = [rule["expr"] for rule in alerts()] + [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]

    for expression in expressions:
        names = asked_for(expression)
        assert names, expression
        assert names <= told, expression


def test_every_alert_has_a_page_that_says_what_mends_it() -> None:
    pages = {page.name for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README.md"}
    index = (ROOT / "docs/runbooks/README.md").read_text()
    named = set()
    for rule in alerts():
        page = ROOT / rule["annotations"]["runbook"]
        text = page.read_text()
        assert text.startswith(f"# {rule['alert']}\n")
        for part in ("**Means.**", "**Look at", "**Mend.**"):
            assert part in text, page
        assert (
            f"| {rule['alert']} | {'yes' if rule['labels']['severity'] == 'page' else 'no'} |"
            in index
        )
        named.add(page.name)

    assert pages == named


def test_every_alert_is_tried(tmp_path: Path) -> None:
    tried = yaml.safe_load((FILES / "alerts_test.yaml").read_text())["tests"]
    fired = {
        one["alertname"]
        for test in tried
        for one in test["alert_rule_test"]
        if "exp_alerts" in one
    }

    assert fired == {rule["alert"] for rule in alerts()}
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: the package prometheus has it")
    subprocess.run([promtool, "test", "rules", "alerts_test.yaml"], cwd=FILES, check=True)
    for name in ("alerts.yaml", "alerts_test.yaml"):
        shutil.copy(FILES / name, tmp_path)
    broken = (tmp_path / "alerts.yaml").read_text().replace("> 600", "> 60")
    (tmp_path / "alerts.yaml").write_text(broken)
    bad = subprocess.run(
        [promtool, "test", "rules", "alerts_test.yaml"], cwd=tmp_path, check=False
    )
    assert bad.returncode != 0
