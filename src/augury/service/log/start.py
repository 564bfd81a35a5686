"""Where the log goes and how it looks, decided once when the service starts."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial

from augury.service.log.access import JsonLog, RequestLog
from augury.service.log.format import LineFormatter, tell_dropped, write_json, write_text
from augury.service.log.sink import LogSink, SinkHandler
from augury.service.settings import LogFormat


def start_logging(log_format: LogFormat, fd: int | None = None) -> RequestLog:
    """Send requests, what the service tells besides, and the warnings of the server beneath it one way, in order.

    Args:
        log_format: the setting.
        fd: where to; standard error when None.
    """
    if fd is None:
        fd = _find_standard_error()
    is_text = log_format == "text" or (log_format == "auto" and os.isatty(fd))
    write = write_text if is_text else write_json
    sink = LogSink(fd, partial(tell_dropped, write))
    handler = SinkHandler(sink)
    handler.setFormatter(LineFormatter(write))
    beneath = dict.fromkeys(("uvicorn.error", "opentelemetry"), logging.WARNING)
    for name, level in {"augury.service": logging.INFO, **beneath}.items():
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    return RequestLog(sink, write) if is_text else JsonLog(sink)


def _find_standard_error() -> int:
    """Find the descriptor of standard error, also where a program has put something without one in its place."""
    try:
        sys.stderr.flush()  # what was written there before stays before
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return 2
