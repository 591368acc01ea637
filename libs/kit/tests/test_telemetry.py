import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.harness.collector import Collector, collecting

from bookstore.kit.caller import NOBODY, Caller, current_caller
from bookstore.kit.telemetry import (
    PROCESS_LOG,
    TelemetrySettings,
    about,
    exporting,
    is_traced,
    label,
    log_to_stderr,
    span,
    traceparent,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
JSON = TelemetrySettings(log_format="json")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    others = [logging.getLogger(name) for name in (PROCESS_LOG, "httpx", "httpcore")]
    before, level, levels = root.handlers[:], root.level, [other.level for other in others]
    yield
    root.handlers[:], root.level = before, level
    for other, of_other in zip(others, levels, strict=True):
        other.setLevel(of_other)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def test_a_line_for_machines_names_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("INFO", JSON, service="payment")
    token = current_caller.set(Caller(trace_id=TRACE))
    with about(saga_id="s1"), about(order_id="o1"):
        logging.getLogger("shop").warning(
            "late by %d s", 3, extra={"step": "capture", "color_message": "late"}
        )
    current_caller.reset(token)

    line = json.loads(capsys.readouterr().err)
    assert line.pop("time").endswith("Z")
    assert line == {
        "service": "payment",
        "level": "warning",
        "logger": "shop",
        "message": "late by 3 s",
        "trace_id": TRACE,
        "saga_id": "s1",
        "order_id": "o1",
        "step": "capture",
    }


def test_what_went_wrong_is_in_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("INFO", JSON, service="payment")
    try:
        os.environ["NO_SUCH_VARIABLE"]
    except KeyError:
        logging.getLogger("shop").exception("it failed")

    line = json.loads(capsys.readouterr().err)
    assert "KeyError: 'NO_SUCH_VARIABLE'" in line["exception"]


def test_a_line_for_people_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("WARNING", TelemetrySettings(), service="payment")
    logging.getLogger("shop").info("not told")
    logging.getLogger("shop").warning("told")

    assert capsys.readouterr().err.endswith(" WARNING shop: told\n")


@pytest.mark.parametrize(("level", "told"), [("DEBUG", 1), ("WARNING", 1), ("ERROR", 0)])
def test_the_life_of_the_process_is_told_unless_errors_alone_are(
    level: str, told: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr(level, TelemetrySettings(), service="payment")
    logging.getLogger(PROCESS_LOG).info("stopped")

    assert capsys.readouterr().err.count("stopped") == told


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11"])
def test_what_others_say_of_requests_is_not_told(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr("DEBUG", TelemetrySettings(), service="identity")
    logging.getLogger(name).info("GET https://id.example/users?email=ada@example.com")

    assert "ada" not in capsys.readouterr().err


def test_untraced_a_block_is_just_run() -> None:
    with exporting(TelemetrySettings(), service="order"), span("nothing"):
        label("nothing", {})
        assert not is_traced()

    assert traceparent(TRACE).startswith(f"00-{TRACE}-")
    assert current_caller.get() is NOBODY


def test_untraced_nothing_of_opentelemetry_is_even_imported() -> None:
    program = """
import sys, threading
import bookstore.kit.process
from bookstore.kit.telemetry import TelemetrySettings, exporting, span
with exporting(TelemetrySettings(), service="order"), span("nothing"):
    print(threading.active_count(), [name for name in sys.modules if "opentelemetry" in name])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout == b"1 []\n"


def test_spans_arrive_as_children_of_each_other(collector: Collector) -> None:
    settings = TelemetrySettings(otel_exporter_otlp_endpoint=collector.address)
    with exporting(settings, service="order"):
        with span("outer", "server", parent=f"00-{TRACE}-00f067aa0ba902b7-01"):
            ours = traceparent("unused")
            with span("inner", "client", facts={"attempt": 2}):
                pass
            label("renamed", {"status": 503}, failed=True)
        with pytest.raises(KeyError), span("broken"):
            raise KeyError("lost")

    inner, outer, broken = collector.spans
    assert (inner.name, inner.parent, inner.facts) == ("inner", outer.id, {"attempt": 2})
    assert (outer.name, outer.trace_id, outer.failed) == ("renamed", TRACE, True)
    assert (outer.facts["status"], outer.service) == (503, "order")
    assert ours == f"00-{TRACE}-{outer.id}-01"
    assert (broken.name, broken.failed) == ("broken", True)


def test_a_collector_that_is_away_harms_nobody() -> None:
    settings = TelemetrySettings(
        otel_exporter_otlp_endpoint="http://127.0.0.1:1", otel_traces_sampler_arg=0.0
    )
    with exporting(settings, service="order"), span("unseen"):
        assert is_traced()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"otel_exporter_otlp_endpoint": "collector:4317"}, "takes an address such as"),
        ({"otel_traces_sampler_arg": 1.5}, "takes a share between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TelemetrySettings(**settings)  # type: ignore[arg-type]  # they are of its types
