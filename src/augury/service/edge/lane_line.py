"""A connection that answers what arrived whole, and whose head was judged before, without making a request of it."""

from __future__ import annotations

from time import perf_counter

from augury.service.edge.edge import Edge
from augury.service.edge.head import END
from augury.service.edge.lane import Ticket
from augury.service.edge.line import Line
from augury.service.edge.marks import NO_MARKS, Marks


class LaneLine(Line):
    """A connection that has the lane; ``has_asked`` says that at least one request came on it."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge.outbox)
        self.has_asked = False
        self.edge = edge
        self.settings = edge.service.settings

    def answer_at_once(self, data: bytes) -> bytes:
        """Answer requests that arrived whole and whose heads were judged before; tell what is left."""
        edge, start, taken = self.edge, 0, 0
        while start < len(data) and not self.is_ending:
            started = perf_counter()
            end = data.find(END, start) + len(END)
            ticket, marks = edge.tickets.known.get(data[start:end]), NO_MARKS
            if ticket is None:
                found = edge.tickets.find_marked(data[start:end])
                if found is None:
                    break
                ticket, marks = found
            if not ticket.head.keep_alive or len(data) - end < ticket.length:
                break
            if edge.load.is_late(started, taken):
                if self.has_ended or edge.service.drain.has_begun or marks is not NO_MARKS:
                    break
                start = self._shed_at_once(data, start, end, ticket)
            elif self.take_lane(ticket, data[end : end + ticket.length], started, marks):
                start = end + ticket.length
                taken += 1
            else:
                break
        return data[start:] if start else data

    def _shed_at_once(self, data: bytes, start: int, end: int, ticket: Ticket) -> int:
        """Refuse the requests that arrived whole and have the head that lies there; tell where the rest begins."""
        head, count = data[start:end], 0
        last = len(data) - len(head) - ticket.length
        while start <= last and data.startswith(head, start):
            start += len(head) + ticket.length
            count += 1
        self.has_asked = True
        self.write(self.edge.shed.write(count, ticket.head, 0.0, keep_alive=True))
        self.deadline = perf_counter() + self.settings.idle_seconds
        return start

    def take_lane(self, ticket: Ticket, body: bytes, started: float, marks: Marks) -> bool:
        """Answer one record, or leave it: tell whether it was answered."""
        keep_alive = ticket.head.keep_alive and not self.edge.service.drain.has_begun
        answer = self.edge.lane.answer(ticket, body, started, keep_alive=keep_alive, marks=marks)
        if answer is None:
            return False
        self.has_asked = True
        if not keep_alive:
            self.write(answer)
            self.linger()
        elif len(self.edge.connections) == 1:
            self.write(answer)
            self.deadline = started + self.settings.idle_seconds
        else:
            self._outbox.put(self.transport, answer)
            self.deadline = started + self.settings.idle_seconds
        return True
