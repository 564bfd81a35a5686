"""The fast lane: a single record is decoded, scored, counted, logged and answered before the application is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from msgspec import Struct

from augury.errors import RecordError
from augury.prediction import Scorer
from augury.service.edge.head import END, Head
from augury.service.edge.marks import MARKING, NO_MARKS, Marks
from augury.service.edge.wire import write_reply
from augury.service.exchange import Exchange, count_faults, find_signature
from augury.service.log.access import log_failure
from augury.service.models import Models, find_label
from augury.service.problems import Refusal, answer_faults, answer_internal
from augury.service.records.answers import Answers
from augury.service.records.body import JSON
from augury.service.records.rows import find_first_byte
from augury.service.reply import Reply
from augury.service.request_id import find_request_id, make_request_id
from augury.service.service import Service
from augury.service.trace import find_trace

_PATH = re.compile(rb"/predict|/models/([A-Za-z0-9][A-Za-z0-9._-]{0,63})/predict")


class Clock(Protocol):
    """Who knows the line of the header Date, and how an answer with status 200 begins."""

    date: bytes
    opening: bytes


class Ticket(Struct):
    """A head that the lane takes.

    ``name`` is the model's, None the default one; ``key`` names the key that was shown; ``is_plain`` says that nothing
    of the head but these, and the marks beside it, makes one answer differ from the next. ``answer`` is how the lane
    answers to such a head while ``models`` are those that are served.
    """

    head: Head
    name: str | None
    route: str
    length: int
    key: str | None
    is_plain: bool
    models: Models | None = None
    answer: Callable[[bytes, float, Marks], bytes | None] | None = None


class Lane:
    """Answer single records of one service.

    Args:
        service: what is served.
        clock: who knows the date.
    """

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock

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
        return Ticket(
            head, name, route, head.length, key, is_plain=MARKING.isdisjoint(name for name, _ in head.headers)
        )

    def answer(
        self, ticket: Ticket, body: bytes, started: float, *, keep_alive: bool, marks: Marks = NO_MARKS
    ) -> bytes | None:
        """Answer one record, whole; None where the application must."""
        models = self._service.roster.models
        if ticket.models is not models:
            self._prepare(ticket, models)
        if keep_alive and ticket.answer is not None:
            answer = ticket.answer(body, started, marks)
            if answer is not None:
                return answer
        return self._answer_slowly(ticket, models, body, started, marks, keep_alive=keep_alive)

    def _prepare(self, ticket: Ticket, models: Models) -> None:
        """Prepare to answer to a head."""
        model = _find_model(ticket, models)
        ticket.models = models
        ticket.answer = self._make_answer(ticket, model) if ticket.is_plain and model is not None else None

    def _make_answer(self, ticket: Ticket, model: Scorer) -> Callable[[bytes, float, Marks], bytes | None]:
        """Make what answers to a record that has neither fault nor note; None for any other."""
        answer_fast, clock, label = model.answer_fast, self._clock, find_label(model)
        count = self._service.meter.prepare(model, ticket.route, "POST", 200)
        log = self._service.log.prepare(ticket.route, label, ticket.key)
        rest = b"content-type: application/json\r\naugury-model: %b\r\nx-request-id: " % label.encode()
        opening, heads = b"", dict[int, bytes]()  # of this second, by the length of the answer

        def answer(body: bytes, started: float, marks: Marks) -> bytes | None:
            try:
                answered = answer_fast(body)
            except Exception:  # noqa: BLE001 - the slow way meets it again, and tells of it
                return None
            if answered is None:
                return None
            nonlocal opening
            if clock.opening is not opening:
                opening = clock.opening
                heads.clear()
            content, probability = answered
            size = len(content)
            head = heads.get(size)
            if head is None:
                head = heads[size] = b"%bcontent-length: %d\r\n%b" % (opening, size, rest)
            request_id, trace = marks
            if request_id is None:
                request_id = make_request_id()
            end = END if trace is None else b"\r\ntraceparent: %b" % trace.traceparent.encode() + END
            seconds = perf_counter() - started
            count(probability, seconds)
            log(seconds, size, request_id, trace)
            return b"".join((head, request_id.encode(), end, content))

        return answer

    def _answer_slowly(
        self, ticket: Ticket, models: Models, body: bytes, started: float, marks: Marks, *, keep_alive: bool
    ) -> bytes | None:
        """Answer a record that has faults or notes, or a head that says more than most."""
        model = _find_model(ticket, models)
        if model is None or find_first_byte(body) == b"[":
            return None
        request_id, trace = marks if ticket.is_plain else (None, find_trace(ticket.head.headers))
        exchange = Exchange(
            request_id=request_id or find_request_id(ticket.head.headers),
            method="POST",
            models=models,
            model=model,
            meter=self._service.meter,
            route=ticket.route,
            key=ticket.key,
            trace=trace,
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


def _find_model(ticket: Ticket, models: Models) -> Scorer | None:
    return models.default if ticket.name is None else models.by_name.get(ticket.name)
