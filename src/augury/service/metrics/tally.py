"""Counting into an area of the board, at a price that the fast lane can pay."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

from augury.contract.faults import Fault, Note
from augury.prediction import Scorer
from augury.service.exchange import CLIENT_GONE
from augury.service.meter import Totals
from augury.service.metrics import families
from augury.service.metrics.board import Board, Key
from augury.service.metrics.families import PROBABILITIES, PROBABILITIES_WIDTH, SECONDS, SECONDS_WIDTH
from augury.service.problems import Kind

# What a caller chooses freely is counted by name only where it is one of these, so that nobody can make series.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_STATUSES = frozenset({*(status.value for status in HTTPStatus), CLIENT_GONE})
OTHER = "other"
NO_ROUTE = "none"

_FASTEST: Final = SECONDS[0]


class Tally:
    """The counts of one process; as :class:`augury.service.meter.Meter` says, and only that process may count here.

    A request is counted as a histogram of its seconds for each route, method and status: both the number of requests
    and the histogram of a route are sums of those.
    """

    def __init__(self, board: Board, slot: int) -> None:
        self._board = board
        self._area = board.open(slot)
        self._values = self._area.values
        self._requests: dict[tuple[str | None, str, int], int] = {}
        self._scores: dict[str, int] = {}
        # Made here, because another thread may count it, and only one may make series.
        dropped = (families.DROPPED.name,)
        self._counters: dict[Key, int] = {dropped: self._area.claim_counter(dropped)}

    def count_request(self, route: str | None, method: str, status: int, seconds: float, count: int = 1) -> None:
        """Count requests that took so long each."""
        try:
            place = self._requests[route, method, status]
        except KeyError:
            place = self._find_request(route, method, status)
        values = self._values
        values[place] += seconds * count
        values[place + 1 + bisect_left(SECONDS, seconds)] += count

    def count_score(self, model: Scorer, probability: float) -> None:
        """Count the answer to one record."""
        try:
            place = self._scores[model.name]
        except KeyError:
            place = self._find_score(model.name)
        values = self._values
        values[place] += probability
        values[place + 1 + bisect_left(PROBABILITIES, probability)] += 1.0

    def prepare(self, model: Scorer, route: str, method: str, status: int) -> Callable[[float, float], None]:
        """Prepare to count requests that each ask for one record: what is returned takes probability and seconds."""
        values = self._values
        sum_of_seconds = self._find_request(route, method, status)
        sum_of_scores = self._find_score(model.name)
        first_of_seconds, first_of_scores = sum_of_seconds + 1, sum_of_scores + 1

        def count(probability: float, seconds: float) -> None:
            # The search costs a sixth of all this, and most of what comes here is in the first bucket.
            values[first_of_seconds + bisect_left(SECONDS, seconds) if seconds > _FASTEST else first_of_seconds] += 1.0
            values[sum_of_seconds] += seconds
            values[first_of_scores + bisect_left(PROBABILITIES, probability)] += 1.0
            values[sum_of_scores] += probability

        return count

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:
        """Count what one record is refused for."""
        self._add((families.RECORDS.name, model.name, "refused"))
        for fault in faults:
            self._add((families.FAULTS.name, model.name, fault.field, fault.code), may_fill=False)

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:
        """Count what was noted of one accepted record."""
        for note in notes:
            self._add((families.NOTES.name, model.name, note.field, note.code), may_fill=False)

    def count_refusal(self, kind: Kind, count: int = 1) -> None:
        """Count requests that are refused before their records are looked at."""
        self._add((families.REFUSALS.name, kind), count)

    def count_dropped_lines(self, count: int) -> None:
        """Count lines of the log that were dropped."""
        self._add((families.DROPPED.name,), count)

    def count_death(self) -> None:
        """Count a worker that ended without being told to."""
        self._add((families.DEATHS.name,))

    def tell_state(self, workers: int, applied: int, refused: int) -> None:
        """Tell how many workers answer and what became of changed files; only one process of a board may."""
        self._set((families.WORKERS.name,), workers)
        self._set((families.RELOADS.name, "applied"), applied)
        self._set((families.RELOADS.name, "refused"), refused)

    def tell_start(self, seconds: float) -> None:
        """Tell when the service started, in seconds since 1970; only one process of a board may."""
        self._set((families.STARTED.name,), seconds)

    def read(self) -> Totals:
        """Read what all processes of the board counted."""
        return self._board.read() | {(families.SPILLED.name,): [self._board.count_spilled()]}

    def _add(self, key: Key, count: int = 1, *, may_fill: bool = True) -> None:
        place = self._counters.get(key)
        if place is None:
            place = self._counters[key] = self._area.claim_counter(key, may_fill=may_fill)
        self._values[place] += count

    def _set(self, key: Key, value: float) -> None:
        self._values[self._area.claim_counter(key)] = value

    def _find_request(self, route: str | None, method: str, status: int) -> int:
        """Find the histogram of a kind of request; only what is counted by name is remembered under it."""
        known_method = method if method in METHODS else OTHER
        known_status = str(status) if status in _STATUSES else OTHER
        key = (families.REQUESTS.name, route or NO_ROUTE, known_method, known_status)
        place = self._area.claim_histogram(key, SECONDS_WIDTH)
        if OTHER not in (known_method, known_status):
            self._requests[route, method, status] = place
        return place

    def _find_score(self, name: str) -> int:
        place = self._scores[name] = self._area.claim_histogram(
            (families.SCORE.name, name), PROBABILITIES_WIDTH, may_fill=False
        )
        return place


def tally_alone() -> Tally:
    """Count for a service that is one process, or does not know of the others beside it."""
    tally = Tally(Board(1, is_shared=False), 0)
    tally.tell_start(time.time())
    tally.tell_state(1, 0, 0)
    return tally


def tally_parent(workers: int) -> tuple[Board, Tally]:
    """Make the board of workers that are forked later, and count for the process that starts them.

    Each worker opens its own slot, from 0 to ``workers``: there is one more while one is relieved.
    """
    board = Board(workers + 2, is_shared=True)
    tally = Tally(board, workers + 1)
    tally.tell_start(time.time())
    return board, tally
