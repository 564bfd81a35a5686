"""Refusals because there is too much to do: many at once, at a hundredth of the price of an answer."""

from __future__ import annotations

import logging

from augury.service.edge.head import Head
from augury.service.edge.lane import Clock
from augury.service.edge.marks import MARKING
from augury.service.edge.wire import write_reply
from augury.service.exchange import Exchange, find_signature
from augury.service.models import Models
from augury.service.oip.fitting import fit_reply, is_v2
from augury.service.problems import Refusal, answer_refusal
from augury.service.request_id import make_request_id
from augury.service.service import Service

_LOGGER = logging.getLogger("augury.service")
OVERLOADED = Refusal("overloaded", "there is more to do than can be done in time", headers={"Retry-After": "1"})
# Stands where each refusal has its own id.
_ANY_ID = "0" * 32


def is_alike(head: Head) -> bool:
    """Tell whether the refusal of a head differs from others by its id alone."""
    return head.method != "HEAD" and MARKING.isdisjoint(name for name, _ in head.headers)


class Shed:
    """Refuse for one service.

    Each refusal has its id and is counted, but the log is told of many in one line: a line costs more than a refusal.

    Args:
        service: what is served.
        clock: who knows the date.
    """

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._untold = 0
        self._models: Models | None = None
        self._date = b""
        self._written: dict[tuple[bool, bool], list[str]] = {}

    def write(self, count: int, head: Head, seconds: float, *, keep_alive: bool) -> bytes:
        """Write the refusals of so many requests that came one after the other, with heads like this one."""
        opening, middle, end = self._find_written(is_v2(head.path), keep_alive)
        self._untold += count
        meter = self._service.meter
        meter.count_refusal(OVERLOADED.kind, count)
        meter.count_request(None, head.method, 503, seconds, count)
        ids = [make_request_id() for _ in range(count)]
        return "".join([f"{opening}{each}{middle}{each}{end}" for each in ids]).encode("latin-1")

    def tell(self) -> None:
        """Tell the log how many were refused since the last time."""
        if self._untold:
            _LOGGER.warning("requests refused", extra={"augury_members": {"status": 503, "count": self._untold}})
            self._untold = 0

    def _find_written(self, for_v2: bool, keep_alive: bool) -> list[str]:
        """Find a refusal without its id, in three parts; it is written anew for other models and another second."""
        models, date = self._service.roster.models, self._clock.date
        if models is not self._models or date != self._date:
            self._models, self._date = models, date
            self._written.clear()
        if (for_v2, keep_alive) not in self._written:
            exchange = Exchange(
                request_id=_ANY_ID,
                method="POST",
                models=models,
                model=models.default,
                is_stranger=self._service.gate.asks_key,
            )
            reply = fit_reply(answer_refusal(OVERLOADED, _ANY_ID), "/v2" if for_v2 else "/")
            written = write_reply(reply, find_signature(exchange), date, keep_alive=keep_alive)
            self._written[for_v2, keep_alive] = written.decode("latin-1").split(_ANY_ID)
        return self._written[for_v2, keep_alive]
