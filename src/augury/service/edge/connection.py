"""One connection: requests one after the other, each within its limits and deadlines, answered in order."""

from __future__ import annotations

import asyncio
from functools import partial
from time import perf_counter

from uvicorn.server import ServerState

from augury.service.edge.body import CountedBody, read_body
from augury.service.edge.cycle import HIGH_WATER, Cycle
from augury.service.edge.edge import Edge
from augury.service.edge.head import END, check_length, check_partial, read_head
from augury.service.edge.lane_line import LaneLine
from augury.service.edge.line import LINGER_SECONDS, NEVER
from augury.service.edge.marks import NO_MARKS
from augury.service.edge.refusals import write_refusal
from augury.service.edge.request import Request, make_scope
from augury.service.edge.shed import OVERLOADED, is_alike
from augury.service.gate.gate import OPEN_PATHS
from augury.service.log.access import log_edge_failure
from augury.service.problems import INTERNAL, Refusal
from augury.service.records.body import NDJSON
from augury.service.records.rows import find_first_byte

# Whoever watches the service must get through, however much there is to do.
_NEVER_REFUSED = OPEN_PATHS | {"/metrics"}
_CROWDED = Refusal("overloaded", "too many connections are open", headers={"Retry-After": "1"})


class Connection(LaneLine):
    """A connection to the edge; uvicorn's server asks of it that it joins the server's state, and ``shutdown``."""

    def __init__(self, edge: Edge, state: ServerState) -> None:
        super().__init__(edge)
        self._state = state
        self._request: Request | None = None
        self._is_in_head = False
        self._is_leaving = False  # the server has closed all others

    # --- what asyncio and uvicorn call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        super().connection_made(transport)
        self._state.connections.add(self)  # type: ignore[arg-type]  # its own protocols, it says
        self.edge.add(self)
        self.deadline = perf_counter() + self.settings.head_seconds
        if len(self.edge.connections) > self.settings.max_connections:
            self._refuse(_CROWDED)

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if self.is_ending:
            return
        try:
            rest = data if self.received else self._take_at_once(data)
            if rest and not self.is_ending:
                self.received += rest
                self._advance()
            if self.is_choked and self._request is None:
                self.pause()  # whoever does not read is not answered for ever
        except Exception as error:  # noqa: BLE001 - the caller needs a problem in its place, and the log the traceback
            log_edge_failure(error)
            self._give_up()

    def _give_up(self) -> None:
        """End after a fault of ours: with a problem, unless the application may have begun to answer."""
        if self._request is None or self._request.cycle is None:
            self._refuse(INTERNAL)
        else:
            self.abort()

    def eof_received(self) -> bool:
        """Close, unless the caller still waits for an answer to all that it sent."""
        self.has_ended = True
        return self._request is not None and self._request.reader.is_complete and not self.is_ending

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of everything."""
        self.is_ending = True
        self._state.connections.discard(self)
        self.edge.connections.discard(self)
        if self._request is not None and self._request.cycle is not None:
            self._request.cycle.leave()
        self.resume_writing()

    def resume_writing(self) -> None:
        """Go on, and read on too where nothing is being answered."""
        super().resume_writing()
        if self._request is None:
            self.want_more()

    def shutdown(self) -> None:
        """Close when nothing is being answered; what is ends the connection itself."""
        self._is_leaving = True
        if self._request is None:
            self.end()

    def expire(self, now: float) -> None:
        """Act on a deadline that has passed."""
        request = self._request
        late = Refusal("timeout", "the request did not arrive in time; send it again, all of it")
        if self.is_ending or self.write_deadline < now:
            if not self.is_taking(now):
                self.abort()
        elif request is None and not self.received:
            self.end()
        elif request is None or (request.cycle is None and not request.is_answered):
            self._refuse(late)
        elif request.cycle is not None and not request.cycle.has_failed and not request.is_answered:
            self.deadline = now + LINGER_SECONDS
            request.cycle.fail(late)
        else:
            self.abort()

    # --- what a cycle calls

    @property
    def date(self) -> bytes:
        """The line of the header Date."""
        return self.edge.date

    @property
    def _is_last(self) -> bool:
        """Whether nothing can be asked after this request: the caller has no more to send, and nothing is left."""
        return self.has_ended and not self.received

    def must_close(self, status: int) -> bool:
        """Tell whether the connection ends with an answer of this status."""
        request = self._request
        if request is None or self._is_last or self.edge.service.drain.has_begun or not request.head.keep_alive:
            return True
        if request.cycle is not None and request.cycle.has_failed:
            return True
        # An answer that begins before its question ends is a stream, or a refusal of the rest.
        return status >= 300 and not request.is_swallowed()

    def finish(self) -> None:
        """Take the answer as complete."""
        request = self._request
        if request is None or request.cycle is None or self.is_ending:
            return
        # A stop that began after the answer did is not in it, and the caller may be asking again.
        is_last = self._is_last or self._is_leaving
        if request.cycle.ends_connection or is_last or not request.is_swallowed():
            self.linger()
            return
        request.is_answered = True
        if request.reader.is_complete:
            self._end_request()
        self.want_more()
        self._advance()

    # --- reading

    def _take_at_once(self, data: bytes) -> bytes | memoryview:
        """Take what needs no copy; tell what is left."""
        rest: bytes | memoryview = data
        if self._request is None:
            data = rest = self.answer_at_once(data)
            if len(data) <= HIGH_WATER:
                return rest
            # A head and the first byte of its body decide whether the rest is wanted.
            first = data.find(END) + len(END) + 1
            self.received += data[:first]
            self._advance()
            rest = memoryview(data)[first:]
        request = self._request
        if request and request.is_answered and isinstance(request.reader, CountedBody):
            skipped = request.reader.skip(len(rest))
            if request.reader.is_complete:
                self._end_request()
            return rest[skipped:]
        return rest

    def _advance(self) -> None:
        """Read as far as what has arrived goes."""
        try:
            while not self.is_ending and self._read_on():
                pass
        except Refusal as refusal:
            if self._request is not None and self._request.cycle is not None:
                self._request.cycle.fail(refusal)
            else:
                self._refuse(refusal)

    def _read_on(self) -> bool:
        """Read one step further; False when more must arrive, or be answered, first."""
        request = self._request
        if request is None:
            return self._read_head()
        if request.reader.is_complete:
            if self.received:
                self.pause()
            return False
        if not self.received:
            return False
        self._deliver(request, request.reader.take(self.received))
        return True

    def _read_head(self) -> bool:
        while self.received[:2] == b"\r\n":  # empty lines before a request are ignored (RFC 9112, section 2.2)
            del self.received[:2]
        if self.received == b"\r":
            return False
        end = self.received.find(END)
        if end < 0 or end > self.settings.max_head:
            if self.received and not self._is_in_head:
                self._is_in_head = True
                self.deadline = perf_counter() + self.settings.head_seconds
            check_partial(self.received, self.settings)
            return False
        raw = bytes(self.received[: end + len(END)])
        del self.received[: len(raw)]
        self._begin(raw)
        return True

    def _begin(self, raw: bytes) -> None:
        """Begin a request."""
        started = perf_counter()
        self.has_asked = True
        tickets = self.edge.tickets
        ticket, marks = tickets.known.get(raw), NO_MARKS
        head = read_head(raw, self.settings) if ticket is None else ticket.head
        if ticket is None:
            ticket, marks = tickets.issue(raw, head)
        request = self._request = Request(head, read_body(head), started, ticket, marks, bytearray())
        self.deadline = started + self.settings.body_seconds
        check_length(head, self.settings)
        if head.path not in _NEVER_REFUSED and self.edge.load.is_late(started):
            self._shed(request)
        elif ticket is None:
            self._admit(request)

    def _deliver(self, request: Request, piece: bytes) -> None:
        """Give a piece of the body to whoever answers."""
        if request.cycle is not None and not request.is_answered:
            if request.reader.is_complete and not self._count(request):
                request.cycle.fail(OVERLOADED)
                return
            request.cycle.feed(piece, is_last=request.reader.is_complete)
            if request.reader.is_complete:
                self.deadline = NEVER
            elif b"\n" in piece and request.head.media_type == NDJSON:
                self.deadline = perf_counter() + self.settings.body_seconds
            if request.cycle.unread > HIGH_WATER:
                self.pause()
        elif request.is_answered:
            if request.reader.is_complete:
                self._end_request()
        else:
            request.held += piece
            self._try_lane(request)

    def _try_lane(self, request: Request) -> None:
        """Answer a record that is whole; give the application what the lane does not answer."""
        if find_first_byte(request.held) == b"[":
            self._admit(request)
        elif request.reader.is_complete and request.ticket is not None:
            if self.take_lane(request.ticket, bytes(request.held), request.started, request.marks):
                self._end_request()
            else:
                self._start(request)
        elif len(request.held) > HIGH_WATER:
            self._start(request)

    def _admit(self, request: Request) -> None:
        """Let the application answer, unless it has too much to do."""
        if request.head.path not in _NEVER_REFUSED and self.edge.load.is_full(request.cost):
            self._shed(request)
        else:
            self._start(request)

    def _start(self, request: Request) -> None:
        """Let the application answer."""
        cycle = request.cycle = Cycle(request.head, self)
        cycle.feed(bytes(request.held), is_last=request.reader.is_complete)
        if request.reader.is_complete:
            self.deadline = NEVER
            self.edge.load.begin(request.cost)
            request.is_counted = True
        task = asyncio.get_running_loop().create_task(cycle.run(self.edge.app, make_scope(request.head, self)))
        self._state.tasks.add(task)
        task.add_done_callback(partial(self._note_end, request))

    def _count(self, request: Request) -> bool:
        """Count a request whose body has come only now; False where there is too much to do by now.

        While it came it was no work: callers who send half of one would else keep all others from theirs. A stream is
        answered while it comes, in parts that let others have their turns.
        """
        if request.head.media_type == NDJSON:
            return True
        if request.head.path not in _NEVER_REFUSED and self.edge.load.is_full(request.cost):
            return False
        self.edge.load.begin(request.cost)
        request.is_counted = True
        return True

    def _note_end(self, request: Request, task: asyncio.Task[None]) -> None:
        if request.is_counted:
            self.edge.load.end(request.cost)
        self._state.tasks.discard(task)

    # --- ending

    def _end_request(self) -> None:
        self._request = None
        self._is_in_head = False
        self.deadline = perf_counter() + self.settings.idle_seconds
        if self._is_leaving:
            self.linger()

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse a request, and whatever would come after it."""
        self._write_refusal(refusal, keep_alive=False)
        self.linger()

    def _shed(self, request: Request) -> None:
        """Refuse a request because there is too much to do; keep the connection when little of it is to come."""
        keep_alive = not self.must_close(503)
        if is_alike(request.head):
            seconds = perf_counter() - request.started
            self.write(self.edge.shed.write(1, request.head, seconds, keep_alive=keep_alive))
        else:
            self._write_refusal(OVERLOADED, keep_alive=keep_alive)
        if not keep_alive:
            self.linger()
            return
        request.held.clear()
        request.is_answered = True
        if request.reader.is_complete:
            self._end_request()

    def _write_refusal(self, refusal: Refusal, *, keep_alive: bool) -> None:
        head = self._request.head if self._request is not None else None
        seconds = perf_counter() - self._request.started if self._request is not None else 0.0
        edge = self.edge
        content = write_refusal(edge.service, refusal, head, edge.date, seconds=seconds, keep_alive=keep_alive)
        self.write(content)
