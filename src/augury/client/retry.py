"""When to ask again, and after how long.

A POST is not sent again in general, for the first may have done something. This one only asks, and is a POST because an
address has no room for a record: the service keeps nothing of it, so asking twice is safe, also after half an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from random import Random
from time import monotonic

from augury.client.reading import Answered
from augury.errors import ServiceError, ServiceUnreachableError, UsageError

# Too many requests, and what a proxy says while a service restarts.
_RETRIED = (429, 502, 503, 504)
_FIRST_SECONDS = 0.1
# A service that restarts answers again within ten seconds; waiting longer between two questions gains nothing.
_LONGEST_SECONDS = 2.0
# A server that asks for more patience than this gets none: whoever called has others to answer.
_MOST_PATIENCE_SECONDS = 30.0


class Attempts:
    """How often one question may be asked again, with growing waits that no two clients share.

    Args:
        retries: how many times more than once.
        random: draws the waits.
        clock: seconds since 1970, to which a date in ``Retry-After`` is compared.
        total: the seconds from now on that all of it may take.
    """

    def __init__(self, retries: int, random: Random, clock: Callable[[], float], total: float) -> None:
        self._left = retries
        self._next = _FIRST_SECONDS
        self._random = random
        self._clock = clock
        self._until = monotonic() + total

    @property
    def seconds_left(self) -> float:
        """The seconds that are left for all of it."""
        return max(0.0, self._until - monotonic())

    def find_wait(self, outcome: Answered | ServiceError) -> float | None:
        """Find the seconds to wait before asking again; None when the outcome stands."""
        if self._left == 0 or not _is_passing(outcome):
            return None
        self._left -= 1
        wait = self._random.uniform(0.5, 1.0) * self._next
        self._next = min(2.0 * self._next, _LONGEST_SECONDS)
        asked = self._find_asked(outcome) or 0.0
        # Whoever would have to be told in the end that there was no time is told now.
        return asked + wait if asked <= _MOST_PATIENCE_SECONDS and asked + wait < self.seconds_left else None

    def _find_asked(self, outcome: Answered | ServiceError) -> float | None:
        """Find how long the server asks to wait: seconds, or a date (RFC 9110, section 10.2.3)."""
        said = outcome.headers.get("retry-after") if isinstance(outcome, Answered) else None
        if said is None:
            return None
        if said.isascii() and said.isdecimal():
            return float(said[:9])  # more digits than these are more than thirty years
        try:
            return max(0.0, parsedate_to_datetime(said).timestamp() - self._clock())
        except ValueError:
            return None


def _is_passing(outcome: Answered | ServiceError) -> bool:
    if isinstance(outcome, Answered):
        return outcome.status in _RETRIED
    return isinstance(outcome, ServiceUnreachableError)


def check_retries(retries: int) -> None:
    """Check how often a question may be asked again.

    Raises:
        UsageError: a negative number of times.
    """
    if retries < 0:
        raise UsageError(f"{retries} retries cannot be", where="retries", mend="choose 0 or more")
