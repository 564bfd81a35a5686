"""Answers that are sent together, once the connections that have something to read have all been read."""

from __future__ import annotations

import asyncio

# Nobody waits for more answers than this to be made first.
_MOST = 64


class Outbox:
    """The answers of one turn of the loop.

    A write wakes who reads at its other end, which on a busy machine costs as much as an answer. Whoever was woken by
    the first of many is awake for the rest.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.WriteTransport, bytes]] = []

    def put(self, transport: asyncio.WriteTransport, content: bytes) -> None:
        """Send something with the next answers, at the end of this turn at the latest."""
        waiting = self._waiting
        if not waiting:
            asyncio.get_running_loop().call_soon(self.send)
        waiting.append((transport, content))
        if len(waiting) >= _MOST:
            self.send()

    def send(self) -> None:
        """Send what waits, in the order in which it came."""
        waiting, self._waiting = self._waiting, []
        for transport, content in waiting:
            if not transport.is_closing():
                transport.write(content)
