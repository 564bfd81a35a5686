"""How long a question may take."""

from __future__ import annotations

import math

from msgspec import Struct

from augury.errors import UsageError

# A machine that is there takes a connection within milliseconds; five seconds forgive a lost packet or two.
_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 60.0
# A time of 0 would mean to a socket that it never waits, not even for what is there.
_LEAST_SECONDS = 0.001


class Timeouts(Struct, frozen=True):
    """Seconds that a question may take.

    ``connect`` for a connection, and ``answer`` for an answer to begin and then to end, each time it is asked;
    ``total`` for all of it, waits and further tries included.
    """

    connect: float = _CONNECT_SECONDS
    answer: float = 10.0
    total: float = _TOTAL_SECONDS


def find_timeouts(timeout: float | Timeouts) -> Timeouts:
    """Find what a plain number of seconds means: so long for an answer, and the rest such that it may take that.

    Raises:
        UsageError: there is no answer in no time, and no waiting for ever.
    """
    if not isinstance(timeout, Timeouts):
        timeout = Timeouts(min(timeout, _CONNECT_SECONDS), timeout, max(timeout, _TOTAL_SECONDS))
    for seconds in (timeout.connect, timeout.answer, timeout.total):
        if not 0 < seconds < math.inf:
            mend = "choose more than 0, and an end"
            raise UsageError(f"a client cannot wait {seconds:g} seconds", where="timeout", mend=mend)
    return timeout


def cut_timeouts(timeouts: Timeouts, left: float) -> Timeouts:
    """Cut times to what is left of all."""
    left = max(left, _LEAST_SECONDS)
    return Timeouts(min(timeouts.connect, left), min(timeouts.answer, left), left)
