"""A connection below its requests: deadlines, what is paused while somebody is slow, and how it ends."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import cast

from augury.service.edge.outbox import Outbox

NEVER = float("inf")
# A caller that is refused before it has sent everything gets this long to read why: closing at once would reset the
# connection, and the answer with it (RFC 9112, section 9.6).
LINGER_SECONDS = 2.0
# A caller that takes nothing of its answer for so long is gone.
_STALLED_SECONDS = 30.0


class Line(asyncio.Protocol):
    """A connection that can be written to, paused, and ended in a way that loses nothing.

    ``deadline`` and ``write_deadline`` are moments of :func:`time.perf_counter`; the edge tells when one has passed.
    """

    def __init__(self, outbox: Outbox) -> None:
        self.deadline = NEVER
        self.write_deadline = NEVER
        self.transport: asyncio.Transport
        self.received = bytearray()
        self.is_ending = False  # nothing that arrives is read any more
        self.has_ended = False  # the caller has nothing more to send
        self._outbox = outbox
        self._suspended: float | None = None  # of the deadline, while reading is paused
        self._writable: asyncio.Event | None = None
        self._unsent = 0  # bytes, when they were last looked at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are none by class

    def pause_writing(self) -> None:
        """Note that the caller does not read as fast as it is answered."""
        self._writable = asyncio.Event()
        self._unsent = self.transport.get_write_buffer_size()
        self.write_deadline = perf_counter() + _STALLED_SECONDS

    def resume_writing(self) -> None:
        """Note that it has caught up."""
        self.write_deadline = NEVER
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    @property
    def is_choked(self) -> bool:
        """Tell whether the caller does not read as fast as it is answered."""
        return self._writable is not None

    def write(self, content: bytes) -> None:
        """Send bytes now, after whatever waits."""
        self._outbox.send()
        self.transport.write(content)

    async def drain(self) -> None:
        """Wait until what was sent has mostly left."""
        if self._writable is not None:
            await self._writable.wait()

    def pause(self) -> None:
        """Leave the rest in the network until what there is was used; our own slowness is not the caller's."""
        if self._suspended is None and not self.is_ending:
            self._suspended = self.deadline - perf_counter()
            self.deadline = NEVER
            self.transport.pause_reading()

    def want_more(self) -> None:
        """Let more arrive."""
        if self._suspended is not None and not self.is_ending:
            self.deadline = perf_counter() + self._suspended
            self._suspended = None
            self.transport.resume_reading()

    def is_taking(self, now: float) -> bool:
        """Tell whether the caller has taken a part of what is to be sent, and give him time for the rest."""
        unsent, before = self.transport.get_write_buffer_size(), self._unsent
        self._unsent = unsent
        if not 0 < unsent < before:
            return False
        if self.is_ending:
            self.deadline, self.write_deadline = now + _STALLED_SECONDS, NEVER
        else:
            self.write_deadline = now + _STALLED_SECONDS
        return True

    def linger(self) -> None:
        """Close our side, and wait for the caller to close the other: what is still sent goes unread."""
        self._outbox.send()
        self.want_more()
        self.is_ending = True
        self.received.clear()
        self._unsent = self.transport.get_write_buffer_size()
        self.deadline = perf_counter() + (_STALLED_SECONDS if self._unsent else LINGER_SECONDS)
        if self.has_ended or not self.transport.can_write_eof():
            self.transport.close()
        else:
            self.transport.write_eof()

    def end(self) -> None:
        """Close a connection on which nothing is being asked."""
        self._outbox.send()
        self.is_ending = True
        self.deadline = perf_counter() + LINGER_SECONDS
        self.transport.close()

    def abort(self) -> None:
        """End the connection at once, so that the caller sees that an answer is cut."""
        self._outbox.send()
        self.transport.abort()

    def find_address(self, name: str) -> tuple[str, int] | None:
        """Find the address of a side: ``peername`` or ``sockname``."""
        address = self.transport.get_extra_info(name)
        return (str(address[0]), int(address[1])) if isinstance(address, tuple) else None
