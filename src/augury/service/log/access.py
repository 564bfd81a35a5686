"""The one line that the service logs for a request, and the one for a failure. A record is never logged."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from time import time_ns
from typing import TYPE_CHECKING, Protocol

from augury.service.log.format import WriteLine, format_second, write_json
from augury.service.log.sink import LogSink
from augury.service.models import find_label
from augury.service.trace import Trace

if TYPE_CHECKING:
    from augury.service.exchange import Exchange

_LOGGER = logging.getLogger("augury.service")
# Three digits as a time ends with them, and as a number does: once written, they cost a look.
_DIGITS = [f"{number:03d}" for number in range(1000)]
_BELOW_ONE = [f"{number / 1000}" for number in range(1000)]
# Logs one answer: the seconds that it took, its bytes, the request's id and its trace.
LogAnswer = Callable[[float, int, str, Trace | None], None]


class Log(Protocol):
    """Who is told of each request once it is answered."""

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request, and how long it took."""

    def prepare(self, route: str, label: str, key: str | None) -> LogAnswer:
        """Prepare to log POSTs to a route that a model answers with status 200, without faults or notes."""


def describe_request(exchange: Exchange, seconds: float) -> dict[str, object]:
    """Describe what was asked, of which model, and how it was answered."""
    members: dict[str, object] = {
        "method": exchange.method,
        # The route's template, never the path: a path is the caller's, and may hold what no log should.
        "route": exchange.route,
        "status": exchange.status,
        "duration_ms": _round_milliseconds(seconds),
        "bytes": exchange.size,
        "request_id": exchange.request_id,
        "model": find_label(exchange.model),
    }
    if exchange.rows is not None:
        members["rows"] = exchange.rows
    if exchange.faults:
        members["faults"] = exchange.faults
    if exchange.notes:
        members["notes"] = exchange.notes
    if exchange.key is not None:
        members["key"] = exchange.key
    if exchange.trace is not None:
        members["trace_id"] = exchange.trace.trace_id
    return members


def log_request(exchange: Exchange, seconds: float) -> None:
    """Log a request by the standard library, for an application that has its own log."""
    _LOGGER.info("request", extra={"augury_members": describe_request(exchange, seconds)})


def log_failure(exchange: Exchange, error: Exception) -> None:
    """Log where an exception came from, under the request's id.

    Its class and the lines of code, not its message: that may quote the record.
    """
    members = {"request_id": exchange.request_id, "model": find_label(exchange.model)}
    _LOGGER.error("failure", extra={"augury_members": {**members, **_describe_error(error)}})


def log_edge_failure(error: Exception) -> None:
    """Log where an exception came from that no request can be named for."""
    _LOGGER.error("failure", extra={"augury_members": _describe_error(error)})


def _describe_error(error: Exception) -> dict[str, str]:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return {"error": f"{type(error).__module__}.{type(error).__qualname__}", "traceback": frames}


class StandardLog:
    """Logs by the standard library."""

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request."""
        log_request(exchange, seconds)

    def prepare(self, route: str, label: str, key: str | None) -> LogAnswer:
        """Prepare to log answered records."""
        describe = _prepare_description(route, label, key)

        def log(seconds: float, size: int, request_id: str, trace: Trace | None) -> None:
            members = describe(seconds, size, request_id, trace)
            _LOGGER.info("request", extra={"augury_members": members})

        return log


class RequestLog:
    """Logs into a sink, in whatever form."""

    def __init__(self, sink: LogSink, write_line: WriteLine, clock: Callable[[], int] = time_ns) -> None:
        self.sink = sink
        self._write_line = write_line
        self._clock = clock

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request."""
        self.sink.write(self._write_line(self._clock(), "info", "request", describe_request(exchange, seconds)))

    def prepare(self, route: str, label: str, key: str | None) -> LogAnswer:
        """Prepare to log answered records."""
        describe = _prepare_description(route, label, key)

        def log(seconds: float, size: int, request_id: str, trace: Trace | None) -> None:
            members = describe(seconds, size, request_id, trace)
            self.sink.write(self._write_line(self._clock(), "info", "request", members))

        return log


class JsonLog(RequestLog):
    """Logs into a sink as JSON."""

    def __init__(self, sink: LogSink, clock: Callable[[], int] = time_ns) -> None:
        super().__init__(sink, write_json, clock)

    def prepare(self, route: str, label: str, key: str | None) -> LogAnswer:
        """Prepare to log answered records: the line that the exchange would get, at a fraction of the price.

        No part needs escaping: the route is a template of ours, and ids and names were checked before.
        """
        write, clock = self.sink.write, self._clock
        middle = (
            f'+00:00","level":"info","event":"request","method":"POST","route":"{route}","status":200,"duration_ms":'
        )
        shown_key = "" if key is None else f',"key":"{key}"'
        end = f'","model":"{label}"{shown_key}'
        beginning, second = "", -1

        def log(seconds: float, size: int, request_id: str, trace: Trace | None) -> None:
            nonlocal beginning, second
            milliseconds = clock() // 1_000_000
            if milliseconds // 1000 != second:
                second = milliseconds // 1000
                beginning = f'{{"time":"{format_second(second)}.'
            microseconds = int(seconds * 1e6 + 0.5)
            duration = _BELOW_ONE[microseconds] if microseconds < 1000 else microseconds / 1000
            shown = "" if trace is None else f',"trace_id":"{trace.trace_id}"'
            write(
                f"{beginning}{_DIGITS[milliseconds % 1000]}{middle}{duration}"
                f',"bytes":{size},"request_id":"{request_id}{end}{shown}}}\n'.encode()
            )

        return log


def _prepare_description(
    route: str, label: str, key: str | None
) -> Callable[[float, int, str, Trace | None], dict[str, object]]:
    """Prepare to describe answered records: what :func:`describe_request` says of each."""

    def describe(seconds: float, size: int, request_id: str, trace: Trace | None) -> dict[str, object]:
        members: dict[str, object] = {
            "method": "POST",
            "route": route,
            "status": 200,
            "duration_ms": _round_milliseconds(seconds),
            "bytes": size,
            "request_id": request_id,
            "model": label,
        }
        if key is not None:
            members["key"] = key
        if trace is not None:
            members["trace_id"] = trace.trace_id
        return members

    return describe


def _round_milliseconds(seconds: float) -> float:
    return int(seconds * 1e6 + 0.5) / 1000
