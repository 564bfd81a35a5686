"""How much is too much: what a worker cannot answer in time is refused at once, while that costs little."""

from __future__ import annotations

import asyncio

# The work of one turn of the loop. What waits behind this much is refused, so nothing accepted waits much longer.
_TURN_SECONDS = 0.05
# What the application has begun must be answered within this, at the rate at which it has been answering.
_QUEUE_SECONDS = 0.1
# However slow the answers are, this many are worked at together.
_MIN_ACTIVE = 4


class Load:
    """The load of one process.

    A turn of the loop reads every connection that has something to read. Work done in it is work that all others wait
    for: once a turn has lasted :data:`_TURN_SECONDS`, the connections that are left are refused.

    The application's own requests share the processor among them, so by Little's law (Little, 1961) as many may be
    active as are answered in :data:`_QUEUE_SECONDS`. The rate is what was measured while the loop was busy.
    """

    def __init__(self) -> None:
        self.active = 0
        self._answered = 0
        self._limit = float("inf")
        self._turn_started: float | None = None
        self._busy = 0.0

    def is_late(self, now: float) -> bool:
        """Tell whether this turn of the loop has lasted too long already."""
        if self._turn_started is None:
            self._turn_started = now
            asyncio.get_running_loop().call_soon(self._end_turn)
            return False
        return now - self._turn_started > _TURN_SECONDS

    def is_full(self) -> bool:
        """Tell whether the application has as much to do as it can answer in time."""
        return self.active >= self._limit

    def begin(self) -> None:
        """Count a request that the application begins to answer."""
        self.active += 1

    def end(self) -> None:
        """Count its answer."""
        self.active -= 1
        self._answered += 1

    def measure(self, seconds: float) -> None:
        """Learn the rate of the last ``seconds``, in which the loop was busy if more waits than was ever admitted."""
        rate = self._answered / seconds
        self._answered = 0
        if self.active > _MIN_ACTIVE and self.active > rate * _QUEUE_SECONDS:
            self._limit = max(_MIN_ACTIVE, rate * _QUEUE_SECONDS)
        elif self.active <= _MIN_ACTIVE:
            self._limit = float("inf")

    def _end_turn(self) -> None:
        self._turn_started = None
