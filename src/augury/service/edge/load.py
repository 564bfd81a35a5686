"""How much is too much: what a worker cannot answer in time is refused at once, while that costs little."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import thread_time

# The work of one turn of the loop. What waits behind this much is refused, so nothing accepted waits much longer.
_TURN_SECONDS = 0.05
# While turns are too long a connection may have so many more requests answered in one as in the one before.
_GROWTH = 1.1
# What the application has begun must be answered within this, at the pace at which it has been answering.
_QUEUE_SECONDS = 0.08
# However slow the answers are, this many are worked at together.
_MIN_ACTIVE = 4
# A request costs as much as so many bytes of an array, whatever its own body.
_LEAST_COST = 8 * 1024
# The application answers an array a hundred rows at a time, so others wait for a part of a long one only.
_MOST_COST = 512 * 1024
# Bytes a second, until the first overload teaches better.
_FIRST_PACE = 40_000_000.0
# What one measurement weighs against those before it.
_NEWS = 0.3


def find_cost(length: int | None) -> int:
    """Find what a request costs, in bytes of arrays, from the length that its head declares."""
    return _MOST_COST if length is None else min(_LEAST_COST + length, _MOST_COST)


class Load:
    """The load of one process.

    A turn of the loop reads every connection that has something to read. Work done in it is work that all others wait
    for: once a turn has worked for :data:`_TURN_SECONDS`, the connections that are left are refused. It is the time of
    the processor that counts: while another process has that, nothing is overloaded here. The connections that sent
    most are read first, so of each only its share of such a turn is answered in the next.

    The application's own requests share the processor among them, so by Little's law (Little, 1961) as much may be
    active as is answered in :data:`_QUEUE_SECONDS`. The pace is measured while requests are refused, for only then is
    it known that there was always something to do.

    Args:
        clock: the seconds for which the loop's thread has had a processor.
    """

    def __init__(self, clock: Callable[[], float] = thread_time) -> None:
        self._clock = clock
        self._active = 0
        self._cost = 0
        self._answered = 0
        self._refused = 0
        self._pace = _FIRST_PACE
        self._measured = 0.0
        self._turn_started: float | None = None
        self._worked = 0.0
        self._share = float("inf")
        self._callers = self._asked = 0
        self._was_late = False

    def is_late(self, now: float, taken: int = 0) -> bool:
        """Tell whether this turn of the loop has worked for too long already, or answered enough of one connection.

        Args:
            now: of any clock that goes on.
            taken: requests of the connection that were answered in this turn.
        """
        if self._turn_started is None:
            self._turn_started, self._worked = now, self._clock()
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._callers += taken == 0
        if taken >= self._share or self._was_late:
            return True
        self._asked += 1
        # The processor's time is asked of the system, at a price, and never longer than what has passed.
        if now - self._turn_started > _TURN_SECONDS:
            self._was_late = self._clock() - self._worked > _TURN_SECONDS
        return self._was_late

    def is_full(self, cost: int) -> bool:
        """Tell whether the application has too much to do to answer this in time as well."""
        is_full = self._active >= _MIN_ACTIVE and self._cost + cost > self._pace * _QUEUE_SECONDS
        self._refused += is_full
        return is_full

    def begin(self, cost: int) -> None:
        """Count a request that the application begins to answer."""
        self._active += 1
        self._cost += cost

    def end(self, cost: int) -> None:
        """Count its answer."""
        self._active -= 1
        self._cost -= cost
        self._answered += cost

    def measure(self) -> None:
        """Learn the pace since the last time."""
        now = self._clock()
        worked, self._measured = now - self._measured, now
        answered, self._answered = self._answered, 0
        if self._refused and answered and worked > 0.0:
            self._pace += _NEWS * (answered / worked - self._pace)
        self._refused = 0

    def _end_turn(self) -> None:
        if self._was_late:
            self._share = max(1.0, self._asked / max(1, self._callers))
        else:
            self._share *= _GROWTH
        self._turn_started, self._was_late = None, False
        self._callers = self._asked = 0
