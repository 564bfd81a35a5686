"""The fast lane: a single record is decoded, scored, counted, logged and answered before the application is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from msgspec import Struct

from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.access_log import log_failure
from augury.service.answers import Answers
from augury.service.body import JSON
from augury.service.edge.head import Head
from augury.service.edge.wire import write_reply
from augury.service.exchange import Exchange, count_faults, find_signature
from augury.service.models import Models, find_label
from augury.service.problems import Refusal, answer_faults, answer_internal
from augury.service.reply import Reply
from augury.service.request_id import find_request_id, make_request_id
from augury.service.rows import find_first_byte
from augury.service.service import Service
from augury.service.trace import find_trace

_PATH = re.compile(rb"/predict|/models/([A-Za-z0-9][A-Za-z0-9._-]{0,63})/predict")
# With one of these no two heads are equal, and more must be repeated than the model.
VARYING = frozenset({b"x-request-id", b"traceparent"})
# Models that were asked through the lane; after so many reloads those that are gone are let go.
_MAX_PREPARED = 256


class Clock(Protocol):
    """Who knows the line of the header Date, and how an answer with status 200 begins."""

    date: bytes
    opening: bytes


class Ticket(Struct, frozen=True):
    """A head that the lane takes.

    ``name`` is the model's, None the default one; ``key`` names the key that was shown; ``is_plain`` says that nothing
    of the head but these makes one answer differ from the next.
    """

    head: Head
    name: str | None
    route: str
    length: int
    key: str | None
    is_plain: bool


class _Prepared(Struct, frozen=True):
    """What every answer of one model to one route has in common."""

    label: str
    middle: bytes
    count: Callable[[float, float], None]


class Lane:
    """Answer single records of one service.

    Args:
        service: what is served.
        clock: who knows the date.
    """

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._prepared: dict[tuple[Scorer, str], _Prepared] = {}

    def issue(self, head: Head) -> Ticket | None:
        """Issue a ticket to a head whose request the lane may answer."""
        settings = self._service.settings
        found = _PATH.fullmatch(head.raw_path)
        is_plain = head.method == "POST" and not head.query and not head.expects_continue and head.media_type == JSON
        if not (found and is_plain and head.length and head.length <= settings.max_record and settings.fast_lane):
            return None
        try:
            key = self._service.gate.check(head.path, head.headers)
        except Refusal:  # the application says so
            return None
        name = found.group(1).decode("ascii") if found.group(1) else None
        route = "/predict" if name is None else "/models/{name}/predict"
        return Ticket(head, name, route, head.length, key, VARYING.isdisjoint(name for name, _ in head.headers))

    def answer(self, ticket: Ticket, body: bytes, started: float, *, keep_alive: bool) -> bytes | None:
        """Answer one record, whole; None where the application must."""
        models = self._service.roster.models
        model = models.default if ticket.name is None else models.by_name.get(ticket.name)
        if model is None:
            return None
        if ticket.is_plain and keep_alive:
            try:
                answered = model.answer_fast(body)
            except Exception:  # noqa: BLE001 - the slow way meets it again, and tells of it
                answered = None
            if answered is not None:
                return self._write_answer(ticket, model, answered, started)
        return self._answer_slowly(ticket, models, model, body, started, keep_alive=keep_alive)

    def _write_answer(self, ticket: Ticket, model: Scorer, answered: tuple[bytes, float], started: float) -> bytes:
        """Write the answer to a record that has neither fault nor note."""
        content, probability = answered
        prepared = self._prepared.get((model, ticket.route)) or self._prepare(model, ticket.route)
        request_id = make_request_id()
        size = len(content)
        seconds = perf_counter() - started
        prepared.count(probability, seconds)
        self._service.log.write(ticket.route, seconds, size, request_id, prepared.label, ticket.key)
        return b"%bcontent-length: %d\r\n%b%b\r\n\r\n%b" % (
            self._clock.opening,
            size,
            prepared.middle,
            request_id.encode(),
            content,
        )

    def _prepare(self, model: Scorer, route: str) -> _Prepared:
        if len(self._prepared) >= _MAX_PREPARED:
            self._prepared.clear()
        label = find_label(model)
        middle = b"content-type: application/json\r\naugury-model: %b\r\nx-request-id: " % label.encode()
        prepared = _Prepared(label, middle, self._service.meter.prepare(model, route, "POST", 200))
        self._prepared[model, route] = prepared
        return prepared

    def _answer_slowly(
        self, ticket: Ticket, models: Models, model: Scorer, body: bytes, started: float, *, keep_alive: bool
    ) -> bytes | None:
        """Answer a record that has faults or notes, or a head that says more than most."""
        if find_first_byte(body) == b"[":
            return None
        exchange = Exchange(
            request_id=find_request_id(ticket.head.headers),
            method="POST",
            models=models,
            model=model,
            meter=self._service.meter,
            route=ticket.route,
            key=ticket.key,
            trace=find_trace(ticket.head.headers),
        )
        try:
            reply = Answers(exchange, explain=False).reply_record(body)
        except RecordError as refused:
            count_faults(exchange, refused.faults)
            reply = answer_faults(refused, exchange.request_id)
        except Exception as error:  # noqa: BLE001 - the caller needs a problem in its place, and the log the traceback
            log_failure(exchange, error)
            reply = answer_internal(exchange.request_id)
        return self._finish(exchange, reply, started, keep_alive=keep_alive)

    def _finish(self, exchange: Exchange, reply: Reply, started: float, *, keep_alive: bool) -> bytes:
        exchange.status, exchange.size = reply.status, len(reply.body)
        seconds = perf_counter() - started
        self._service.meter.count_request(exchange.route, exchange.method, exchange.status, seconds)
        self._service.log(exchange, seconds)
        return write_reply(reply, find_signature(exchange), self._clock.date, keep_alive=keep_alive)
