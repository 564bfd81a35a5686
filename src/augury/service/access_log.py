"""The one line that the service logs for a request, and the one for a failure. A record is never logged."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from augury.service.models import find_label

if TYPE_CHECKING:
    from augury.service.exchange import Exchange

_LOGGER = logging.getLogger("augury.service")


def log_request(exchange: Exchange, seconds: float) -> None:
    """Log what was asked, of which model, and how it was answered."""
    members: dict[str, object] = {
        "method": exchange.method,
        # The route's template, never the path: a path is the caller's, and may hold what no log should.
        "route": exchange.route,
        "status": exchange.status,
        "duration_ms": round(seconds * 1000, 3),
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
    _LOGGER.info("request", extra={"augury_members": members})


def log_failure(exchange: Exchange, error: Exception) -> None:
    """Log where an exception came from, under the request's id.

    Its class and the lines of code, not its message: that may quote the record.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    members = {"request_id": exchange.request_id, "model": find_label(exchange.model)}
    _LOGGER.error("failure", extra={"augury_members": {**members, "error": kind, "traceback": frames}})
