"""One request on its way to its answer: who asked what of which model, and what was counted on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from augury.contract.faults import Fault, Note
from augury.prediction import Scorer
from augury.service.meter import Meter, NoMeter
from augury.service.models import Models, find_label
from augury.service.trace import Trace

# What the log says when the caller went away before the answer; no answer has this status (nginx uses it so).
CLIENT_GONE = 499


class Exchange(Struct, kw_only=True):
    """One request on its way to its answer.

    ``models`` are those that answered when it came: a reload meanwhile is for the next request. ``route`` is the
    template of the path that was found, such as ``/models/{name}``; None when none was.
    ``faults`` counts the codes for which records were refused, ``notes`` those that were noted; ``rows`` is the length
    of an array, None for a single record. ``key`` names the key that the caller showed; a stranger, who
    was asked for one and showed none, is not told which model is served.
    """

    request_id: str
    method: str
    models: Models
    model: Scorer
    meter: Meter = NoMeter()
    faults: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    route: str | None = None
    rows: int | None = None
    status: int = CLIENT_GONE
    size: int = 0
    key: str | None = None
    is_stranger: bool = False
    trace: Trace | None = None


def find_signature(exchange: Exchange) -> dict[str, str]:
    """Find the headers of every answer: the model that gave it, the request that it answers, and the trace of that."""
    signature = {} if exchange.is_stranger else {"Augury-Model": find_label(exchange.model)}
    signature["X-Request-Id"] = exchange.request_id
    if exchange.trace is not None:
        signature["traceparent"] = exchange.trace.traceparent
    return signature


def count_faults(exchange: Exchange, faults: Sequence[Fault]) -> None:
    """Count what a record is refused for."""
    _count_codes(exchange.faults, faults)
    exchange.meter.count_faults(exchange.model, faults)


def count_notes(exchange: Exchange, notes: Sequence[Note]) -> None:
    """Count what was noted of an accepted record."""
    if notes:
        _count_codes(exchange.notes, notes)
        exchange.meter.count_notes(exchange.model, notes)


def _count_codes(counts: dict[str, int], items: Iterable[Fault]) -> None:
    for item in items:
        counts[item.code] = counts.get(item.code, 0) + 1
