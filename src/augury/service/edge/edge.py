"""What the connections of one process share: judged heads, the time, who is late, and how much is too much."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from time import perf_counter
from typing import Protocol

from starlette.types import ASGIApp

from augury.service.edge.lane import Lane
from augury.service.edge.load import Load
from augury.service.edge.outbox import Outbox
from augury.service.edge.shed import Shed
from augury.service.edge.tickets import Tickets
from augury.service.edge.wire import find_status_line
from augury.service.log.access import log_edge_failure
from augury.service.service import Service

# Deadlines are met within this.
_SWEEP_SECONDS = 0.25


class Kept(Protocol):
    """A connection as the sweep sees it."""

    has_asked: bool
    deadline: float
    write_deadline: float

    def expire(self, now: float) -> None:
        """Act on the deadline having passed."""

    def abort(self) -> None:
        """End at once."""


class Edge:
    """The shared part of the edge.

    Args:
        service: what is served.
        app: the application that answers whatever the lane does not.
    """

    def __init__(self, service: Service, app: ASGIApp) -> None:
        self.service = service
        self.app = app
        self.date = self.opening = b""
        self.load = Load()
        self.lane = Lane(service, self)
        self.shed = Shed(service, self)
        self.tickets = Tickets(self.lane, service.settings)
        self.outbox = Outbox()
        self.connections: set[Kept] = set()
        self._is_sweeping = False
        self._set_date()

    def add(self, connection: Kept) -> None:
        """Watch over a connection's deadlines from now on."""
        self.connections.add(connection)
        if not self._is_sweeping:
            self._is_sweeping = True
            self._set_date()
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Tell each connection whose deadline has passed, and do so again while there are any.

        One timer for all: a timer for each request would cost more than the head of most of them.
        """
        try:
            self._set_date()
            self.load.measure()
            self.shed.tell()
            self.tickets.forget(self.service.roster.models)
            self._expire(perf_counter())
        finally:  # whatever fails, no deadline may go unwatched
            self._is_sweeping = bool(self.connections)
            if self._is_sweeping:
                asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _expire(self, now: float) -> None:
        late = [each for each in self.connections if min(each.deadline, each.write_deadline) < now]
        for connection in late:
            try:
                connection.expire(now)
            except Exception as error:  # noqa: BLE001 - the others have deadlines too, and the log needs the traceback
                log_edge_failure(error)
                connection.abort()

    def _set_date(self) -> None:
        self.date = b"date: %b\r\n" % formatdate(usegmt=True).encode()
        self.opening = find_status_line(200) + self.date
