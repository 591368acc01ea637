"""A line of the log as JSON, with the ids it is about."""

import logging
from typing import Any

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, WrappedLogger

from bookstore.kit.telemetry.about import ids


def json_formatter(service: str) -> logging.Formatter:
    """Format what any logger says; `extra` goes along."""

    def name_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _name_ids,
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            name_service,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(serializer=_written),
        ],
    )


def _name_ids(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn's, which says the same for terminals
    return {**ids(), **event}


def _written(event: object, **_options: Any) -> str:  # noqa: ANN401 — as structlog calls it
    return msgspec.json.encode(event, enc_hook=str).decode()
