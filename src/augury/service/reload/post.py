"""The two ends of what ties a worker to its parent: editions go one way, and the number of the one it has the other.

An edition is preceded by its length and its number, eight bytes each. Each end learns from the closing of the other
that its process has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import time
from collections.abc import Callable

from augury.service.models import Roster
from augury.service.reload.edition import read_edition
from augury.service.reload.shelf import Parse

_LOGGER = logging.getLogger("augury.service")
_NUMBER = struct.Struct(">Q")
# As much is handed to the kernel at once as it takes without waiting.
_PIECE = 256 * 1024


class Post:
    """The parent's end: one edition at a time is on its way, and nothing here waits.

    Args:
        channel: this end.
        number: of the edition that the worker has been forked with.
        known: the digests of the models in it.
    """

    def __init__(self, channel: socket.socket, number: int, known: frozenset[str]) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.known = known
        self.sent = number
        self.sent_at = time.monotonic()
        self.is_closed = False
        self._confirmed: int | None = None
        self._outgoing = memoryview(b"")
        self._heard = b""

    @property
    def has_begun(self) -> bool:
        """Whether the worker has said that it answers."""
        return self._confirmed is not None

    @property
    def is_awaited(self) -> bool:
        """Whether the worker has still to say that it answers, or answers with the edition that was sent last."""
        return self._confirmed != self.sent

    @property
    def is_sending(self) -> bool:
        """Whether a part of a message is still to be sent."""
        return bool(self._outgoing) and not self.is_closed

    def send(self, number: int, edition: bytes, known: frozenset[str]) -> None:
        """Begin to send an edition, with which the worker has the models of the digests ``known``."""
        self.sent, self.known, self.sent_at = number, known, time.monotonic()
        self._outgoing = memoryview(_NUMBER.pack(len(edition)) + _NUMBER.pack(number) + edition)
        self.push()

    def push(self) -> None:
        """Send what the kernel takes now."""
        with contextlib.suppress(BlockingIOError):
            try:
                while self.is_sending:
                    self._outgoing = self._outgoing[self.channel.send(self._outgoing[:_PIECE]) :]
            except ConnectionError:  # it has ended, and is about to be reaped
                self.is_closed = True

    def hear(self) -> None:
        """Hear which edition the worker answers with."""
        try:
            piece = self.channel.recv(4096)
        except ConnectionError:
            piece = b""
        self.is_closed = not piece
        self._heard += piece
        while len(self._heard) >= _NUMBER.size:
            (self._confirmed,) = _NUMBER.unpack(self._heard[: _NUMBER.size])
            self._heard = self._heard[_NUMBER.size :]

    def close(self) -> None:
        """Close this end; the worker stops when it sees that."""
        self.channel.close()


async def follow_parent(
    channel: socket.socket, number: int, roster: Roster, parse: Parse, stop: Callable[[], None]
) -> None:
    """Be a worker's end: answer with what the parent sends, and stop when the parent has ended.

    A worker that cannot take an edition stops as well: another takes its place, forked with the models of the parent.
    """
    reader, writer = await asyncio.open_unix_connection(sock=channel)
    try:
        writer.write(_NUMBER.pack(number))
        while True:
            (size,) = _NUMBER.unpack(await reader.readexactly(_NUMBER.size))
            (number,) = _NUMBER.unpack(await reader.readexactly(_NUMBER.size))
            edition = await reader.readexactly(size)
            # In a thread, so that requests are answered meanwhile.
            roster.replace(await asyncio.to_thread(read_edition, edition, roster.models, parse))
            writer.write(_NUMBER.pack(number))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    except Exception:  # whatever it is, a worker with other models than its neighbours must not go on
        _LOGGER.exception("worker cannot take the models")
    finally:
        writer.close()
        stop()
