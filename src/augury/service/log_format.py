"""How log lines are written: as JSON for machines, as text for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

import msgspec

from augury.service.settings import LogFormat


class JsonFormatter(logging.Formatter):
    """One JSON object a line: when, how grave, what happened, and the members of ``extra["augury_members"]``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_find_members(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class TextFormatter(logging.Formatter):
    """One line for a person: the time, and the members as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        members = dict(_find_members(record))
        traceback = members.pop("traceback", None) or (self.formatException(record.exc_info) if record.exc_info else "")
        shown = " ".join(f"{name}={_show(value)}" for name, value in members.items())
        line = f"{when} {record.getMessage()} {shown}".rstrip()
        return f"{line}\n{traceback}".rstrip()


def start_logging(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send the service's lines, and the warnings of the server beneath it, to a stream: by default standard error."""
    stream = stream or sys.stderr
    is_text = log_format == "text" or (log_format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    for name, level in (("augury.service", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


def _find_members(record: logging.LogRecord) -> Mapping[str, object]:
    members: Mapping[str, object] = getattr(record, "augury_members", {})
    return members


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    return str(value)
