"""The log: a line to stderr per event, for people or, as JSON, for machines."""

import logging
import sys
from typing import Final

from bookstore.kit.telemetry.settings import TelemetrySettings

PROCESS_LOG: Final = "bookstore.process"
_TELL_TOO_MUCH: Final = ("httpx", "httpcore")  # addresses in a URL's query, cookies in headers
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_stderr(level: str, settings: TelemetrySettings, *, service: str) -> None:
    """Log from this severity on; as JSON each line names the service, the trace and the ids.

    With WARNING the few lines that tell of the process itself, such as its end, are there too.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings, service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger(PROCESS_LOG).setLevel("INFO" if level == "WARNING" else level)
    for name in _TELL_TOO_MUCH:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(settings: TelemetrySettings, service: str) -> logging.Formatter:
    if settings.log_format == "text":
        return logging.Formatter(_TEXT)
    from bookstore.kit.telemetry.json_log import json_formatter  # noqa: PLC0415 — 0.1 s, if wanted

    return json_formatter(service)
