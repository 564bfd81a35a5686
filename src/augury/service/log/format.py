"""How log lines are written: as JSON for machines, as text for a person at a terminal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns

import msgspec

# When, how grave, what happened, and what there is to tell of it, as a line with its end.
WriteLine = Callable[[int, str, str, Mapping[str, object]], bytes]

_SECOND = 1_000_000_000


def write_json(when: int, level: str, event: str, members: Mapping[str, object]) -> bytes:
    """Write one JSON object a line; ``when`` is in nanoseconds since 1970."""
    return msgspec.json.encode({"time": format_time(when), "level": level, "event": event, **members}) + b"\n"


def write_text(when: int, level: str, event: str, members: Mapping[str, object]) -> bytes:  # noqa: ARG001 - as write_json
    """Write one line for a person: the time of day here, and the members as ``name=value``; a traceback below it."""
    told = dict(members)
    traceback = told.pop("traceback", "")
    at = datetime.fromtimestamp(when // _SECOND).astimezone().strftime("%H:%M:%S")
    shown = " ".join(f"{name}={_show(value)}" for name, value in told.items())
    line = f"{at} {event} {shown}".rstrip()
    return f"{line}\n{traceback}".rstrip().encode("utf-8", "backslashreplace") + b"\n"


def format_time(when: int) -> str:
    """Format a time in nanoseconds since 1970 as RFC 3339 in UTC, milliseconds cut off rather than rounded."""
    return f"{format_second(when // _SECOND)}.{when // 1_000_000 % 1000:03d}+00:00"


@lru_cache(maxsize=4)
def format_second(second: int) -> str:
    """Format a time in whole seconds since 1970, without its zone."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def tell_dropped(write: WriteLine, count: int) -> bytes:
    """Write the line that says how many lines before it were dropped."""
    return write(time_ns(), "warning", "log lines dropped", {"count": count})


class LineFormatter(logging.Formatter):
    """Writes what the standard library logs as the service's own lines: with ``extra["augury_members"]``."""

    def __init__(self, write: WriteLine) -> None:
        super().__init__()
        self._write = write

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, without the end of its line."""
        members = dict(getattr(record, "augury_members", {}))
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        when = int(record.created * _SECOND)
        return self._write(when, record.levelname.lower(), record.getMessage(), members).decode().removesuffix("\n")


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    return str(value)
