"""Alerts and dashboard ask for what a store tells, and each alert says what mends it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from grpc import StatusCode
from prometheus_client import CollectorRegistry, generate_latest
from tests.harness.people import Buyer, Staff

from bookstore.kit.rpc.metrics import RpcMetrics

ROOT = Path(__file__).parents[2]
FILES = ROOT / "deploy/observability"
OTHERS = {"up", "saga_tasks_queued"}  # Prometheus' own; told on Conductor only
_NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+|up)\b(?=[{\[)\s]|$)")
_WORDS = re.compile(r"by \([^)]*\)|\"[^\"]*\"|\{[^}]*\}")


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"]
    return list(group["rules"])


def asked_for(expression: str) -> set[str]:
    """Return the names of the figures in an expression."""
    return set(_NAME.findall(_WORDS.sub(" ", expression))) - {"histogram_quantile"}


def names_of(page: str) -> set[str]:
    return set(re.findall(r"^([a-z_]+)[{ ]", page, re.MULTILINE))


def names_of_calls() -> set[str]:
    """What services tell that call each other, as those of a store in one process do not.

    That they do tell it, test_processes knows.
    """
    registry = CollectorRegistry()
    RpcMetrics(registry).count("any", StatusCode.OK, 1)
    return names_of(generate_latest(registry).decode())


def grepped() -> Iterator[tuple[str, str]]:
    """What runbooks look for on a page of figures: the runbook, and how its name begins."""
    for runbook in (ROOT / "docs/runbooks").glob("*.md"):
        for line in runbook.read_text().splitlines():
            _, piped, looked_for = line.partition("/metrics | grep ")
            if piped:
                (name,) = re.findall(r"^(?:-E )?'?([a-z_]+)", looked_for)
                yield runbook.name, name


async def test_every_figure_that_is_asked_for_is_told(buyer: Buyer, staff: Staff) -> None:
    await buyer.buy((await staff.shelve(1), 1))
    page = (await buyer.http.get("/metrics")).text
    told = names_of(page) | names_of_calls() | OTHERS
    dashboard = json.loads((FILES / "dashboard.json").read_text())
    expressions = [rule["expr"] for rule in alerts()] + [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]

    for expression in expressions:
        names = asked_for(expression)
        assert names, expression
        assert names <= told, expression
    for runbook, beginning in grepped():
        assert any(name.startswith(beginning) for name in told), (runbook, beginning)


def test_every_process_of_ours_is_asked() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    six = {folder.name for folder in (ROOT / "services").iterdir()}
    ours = {name for name in composed if name.removesuffix("-work") in six}
    (job,) = yaml.safe_load((FILES / "prometheus.yaml").read_text())["scrape_configs"]
    (group,) = job["static_configs"]

    assert len(ours) == 9
    assert set(group["targets"]) == {f"{name}:8080" for name in ours}


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
        assert "```sh\n" in text.partition("**Mend.**")[2], "the command that mends it"
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
