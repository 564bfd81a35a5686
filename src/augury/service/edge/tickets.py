"""Heads that were judged before: a client's are equal byte for byte, but for a length and for marks."""

from __future__ import annotations

from augury.service.edge.head import Head, read_head
from augury.service.edge.lane import Lane, Ticket
from augury.service.edge.marks import NO_MARKS, Marks, split_marks
from augury.service.models import Models
from augury.service.settings import Settings

# Heads that are remembered, and how long they may be: a few megabytes at most.
_MAX_HEADS = 2048
_MAX_HEAD = 1024


class Tickets:
    """The tickets of heads that the lane takes, by the bytes of the head without its marks.

    ``known`` may be asked for a head as it is; :meth:`find_marked` for one that it does not know.
    """

    def __init__(self, lane: Lane, settings: Settings) -> None:
        self.known: dict[bytes, Ticket] = {}
        self._models: Models | None = None
        self._lane = lane
        self._settings = settings

    def find_marked(self, raw: bytes) -> tuple[Ticket, Marks] | None:
        """Find the ticket of a head that has marks."""
        split = split_marks(raw) if len(raw) <= _MAX_HEAD and raw.count(b"\n") <= self._settings.max_fields else None
        if split is None:
            return None
        ticket = self.known.get(split[0])
        return None if ticket is None else (ticket, split[1])

    def forget(self, models: Models) -> None:
        """Let go of models that are served no more: a head that is never sent again would keep them."""
        if models is not self._models:
            self._models = models
            self.known.clear()

    def issue(self, raw: bytes, head: Head) -> tuple[Ticket | None, Marks]:
        """Issue a ticket to a head that was read just now, where the lane may answer its request."""
        split = split_marks(raw)
        if split is not None:
            raw, head = split[0], read_head(split[0], self._settings)
        ticket = self._lane.issue(head)
        if ticket is not None and ticket.is_plain and len(raw) <= _MAX_HEAD:
            if len(self.known) >= _MAX_HEADS:
                self.known.clear()
            self.known[raw] = ticket
        return ticket, NO_MARKS if split is None else split[1]
