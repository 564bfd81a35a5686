"""The one line that the service logs for a request, and the one for a failure. A record is never logged."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from time import time_ns
from typing import TYPE_CHECKING, Protocol

from augury.service.log_format import WriteLine, format_second, write_json
from augury.service.log_sink import LogSink
from augury.service.models import find_label

if TYPE_CHECKING:
    from augury.service.exchange import Exchange

_LOGGER = logging.getLogger("augury.service")
# Three digits as a time ends with them, and as a number does: once written, they cost a look.
_DIGITS = [f"{number:03d}" for number in range(1000)]
_BELOW_ONE = [f"{number / 1000}" for number in range(1000)]
# Pairs of route and model that were logged; after so many reloads those that are gone are let go.
_MOST_PAIRS = 256


class Log(Protocol):
    """Who is told of each request once it is answered."""

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request, and how long it took."""

    def write(self, route: str, seconds: float, size: int, request_id: str, label: str, key: str | None) -> None:
        """Log a POST that was answered with status 200, without faults or notes."""


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

    def write(self, route: str, seconds: float, size: int, request_id: str, label: str, key: str | None) -> None:
        """Log an answered record."""
        members = _describe_answer(route, seconds, size, request_id, label, key)
        _LOGGER.info("request", extra={"augury_members": members})


class RequestLog:
    """Logs into a sink, in whatever form."""

    def __init__(self, sink: LogSink, write_line: WriteLine, clock: Callable[[], int] = time_ns) -> None:
        self.sink = sink
        self._write_line = write_line
        self._clock = clock

    def __call__(self, exchange: Exchange, seconds: float) -> None:
        """Log a request."""
        self.sink.write(self._write_line(self._clock(), "info", "request", describe_request(exchange, seconds)))

    def write(self, route: str, seconds: float, size: int, request_id: str, label: str, key: str | None) -> None:
        """Log an answered record."""
        members = _describe_answer(route, seconds, size, request_id, label, key)
        self.sink.write(self._write_line(self._clock(), "info", "request", members))


class JsonLog(RequestLog):
    """Logs into a sink as JSON."""

    def __init__(self, sink: LogSink, clock: Callable[[], int] = time_ns) -> None:
        super().__init__(sink, write_json, clock)
        self._second = -1
        self._beginning = ""
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def write(self, route: str, seconds: float, size: int, request_id: str, label: str, key: str | None) -> None:
        """Log an answered record: the line that its exchange would get, at a fraction of the price.

        No part needs escaping: the route is a template of ours, and ids and names were checked before.
        """
        milliseconds = self._clock() // 1_000_000
        second = milliseconds // 1000
        if second != self._second:
            self._beginning, self._second = f'{{"time":"{format_second(second)}.', second
        middle, end = self._pairs.get((route, label)) or self._render_pair(route, label)
        microseconds = int(seconds * 1e6 + 0.5)
        duration = _BELOW_ONE[microseconds] if microseconds < 1000 else microseconds / 1000
        shown = "" if key is None else f',"key":"{key}"'
        self.sink.write(
            f"{self._beginning}{_DIGITS[milliseconds % 1000]}{middle}{duration}"
            f',"bytes":{size},"request_id":"{request_id}{end}{shown}}}\n'.encode()
        )

    def _render_pair(self, route: str, label: str) -> tuple[str, str]:
        """Render what all answers of a model to a route have in common."""
        asked = f'"method":"POST","route":"{route}","status":200'
        rendered = f'+00:00","level":"info","event":"request",{asked},"duration_ms":', f'","model":"{label}"'
        if len(self._pairs) >= _MOST_PAIRS:
            self._pairs.clear()
        self._pairs[route, label] = rendered
        return rendered


def _describe_answer(
    route: str, seconds: float, size: int, request_id: str, label: str, key: str | None
) -> dict[str, object]:
    members: dict[str, object] = {
        "method": "POST",
        "route": route,
        "status": 200,
        "duration_ms": _round_milliseconds(seconds),
        "bytes": size,
        "request_id": request_id,
        "model": label,
    }
    return members if key is None else {**members, "key": key}


def _round_milliseconds(seconds: float) -> float:
    return int(seconds * 1e6 + 0.5) / 1000
