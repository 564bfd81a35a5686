"""The fast lane: a single record is decoded, scored, counted, logged and answered before the application is asked."""

from __future__ import annotations

import re
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
from augury.service.problems import answer_faults, answer_internal
from augury.service.reply import Reply
from augury.service.request_id import find_request_id
from augury.service.rows import find_first_byte
from augury.service.service import Service

_PATH = re.compile(rb"/predict|/models/([A-Za-z0-9][A-Za-z0-9._-]{0,63})/predict")


class Clock(Protocol):
    """Who knows the date."""

    date: bytes


class Ticket(Struct, frozen=True):
    """A head that the lane takes: of which model (None is the default one), and what must be repeated of it."""

    head: Head
    name: str | None
    route: str
    length: int


class Lane:
    """Answer single records of one service.

    Args:
        service: what is served.
        clock: who knows the date.
    """

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._is_open = service.settings.fast_lane

    def issue(self, head: Head) -> Ticket | None:
        """Issue a ticket to a head whose request the lane may answer."""
        found = _PATH.fullmatch(head.raw_path)
        is_plain = head.method == "POST" and not head.query and not head.expects_continue and head.media_type == JSON
        if (
            not (found and self._is_open and is_plain and head.length)
            or head.length > self._service.settings.max_record
        ):
            return None
        name = found.group(1).decode("ascii") if found.group(1) else None
        return Ticket(head, name, "/predict" if name is None else "/models/{name}/predict", head.length)

    def answer(self, ticket: Ticket, body: bytes, started: float, *, keep_alive: bool) -> bytes | None:
        """Answer one record, whole; None where the application must."""
        models = self._service.roster.models
        model = models.default if ticket.name is None else models.by_name.get(ticket.name)
        if model is None:
            return None
        request_id = find_request_id(ticket.head.headers)
        try:
            answered = model.answer_fast(body)
        except Exception:  # noqa: BLE001 - the slow way meets it again, and tells of it
            answered = None
        if answered is None:
            return self._answer_slowly(ticket, body, started, keep_alive=keep_alive)
        content, probability = answered
        self._service.meter.count_score(model, probability)
        exchange = self._make_exchange(ticket, model, request_id)
        return self._finish(exchange, Reply(content), started, keep_alive=keep_alive)

    def _answer_slowly(self, ticket: Ticket, body: bytes, started: float, *, keep_alive: bool) -> bytes | None:
        """Answer a record that has faults or notes."""
        if find_first_byte(body) == b"[":
            return None
        models = self._service.roster.models
        model = models.default if ticket.name is None else models.by_name[ticket.name]
        exchange = self._make_exchange(ticket, model, find_request_id(ticket.head.headers))
        try:
            reply = Answers(exchange, explain=False).reply_record(body)
        except RecordError as refused:
            count_faults(exchange, refused.faults)
            reply = answer_faults(refused, exchange.request_id)
        except Exception as error:  # noqa: BLE001 - the caller needs a problem in its place, and the log the traceback
            log_failure(exchange, error)
            reply = answer_internal(exchange.request_id)
        return self._finish(exchange, reply, started, keep_alive=keep_alive)

    def _make_exchange(self, ticket: Ticket, model: Scorer, request_id: str) -> Exchange:
        return Exchange(
            request_id=request_id,
            method="POST",
            models=self._service.roster.models,
            model=model,
            meter=self._service.meter,
            route=ticket.route,
        )

    def _finish(self, exchange: Exchange, reply: Reply, started: float, *, keep_alive: bool) -> bytes:
        exchange.status, exchange.size = reply.status, len(reply.body)
        seconds = perf_counter() - started
        self._service.meter.count_request(exchange.route, exchange.method, exchange.status, seconds)
        self._service.log(exchange, seconds)
        return write_reply(reply, find_signature(exchange), self._clock.date, keep_alive=keep_alive)
