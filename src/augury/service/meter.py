"""Who counts what the service does; :mod:`augury.service.metrics` shows it to Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from augury.contract.faults import Fault, Note
from augury.prediction import Scorer
from augury.service.problems import Kind

# What was counted under each name and labels: a number, or of a histogram the sum and the count of each bucket.
Totals = Mapping[tuple[str, ...], Sequence[float]]


class Meter(Protocol):
    """Counts; nothing here may fail or wait."""

    def count_score(self, model: Scorer, probability: float) -> None:
        """Count the answer to one record."""

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:
        """Count what one record is refused for."""

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:
        """Count what was noted of one accepted record."""

    def count_request(self, route: str | None, method: str, status: int, seconds: float, count: int = 1) -> None:
        """Count requests that took so long each: their route's template, None where no route was found."""

    def prepare(self, model: Scorer, route: str, method: str, status: int) -> Callable[[float, float], None]:
        """Prepare to count requests that each ask for one record of a model.

        What is returned takes a probability and the seconds: what ``count_score`` and ``count_request`` do, for less
        than half of their price.
        """

    def count_refusal(self, kind: Kind, count: int = 1) -> None:
        """Count requests that are refused before their records are looked at."""

    def count_dropped_lines(self, count: int) -> None:
        """Count lines of the log that were dropped; the log's own thread may call this."""

    def read(self) -> Totals:
        """Read what was counted, here and by the other processes of the service."""


class WatchMeter(Protocol):
    """Counts what the one process does that starts the workers, or is alone, and looks at the models' files."""

    def tell_state(self, workers: int, applied: int, refused: int) -> None:
        """Tell how many workers answer now, and how many changes of files were taken and refused since the start."""

    def count_death(self) -> None:
        """Count a worker that ended without being told to."""


class NoMeter:
    """Counts nothing."""

    def count_score(self, model: Scorer, probability: float) -> None:
        """Do nothing."""

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:
        """Do nothing."""

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:
        """Do nothing."""

    def count_request(self, route: str | None, method: str, status: int, seconds: float, count: int = 1) -> None:
        """Do nothing."""

    def prepare(self, model: Scorer, route: str, method: str, status: int) -> Callable[[float, float], None]:  # noqa: ARG002
        """Prepare to do nothing."""
        return _count_nothing

    def count_refusal(self, kind: Kind, count: int = 1) -> None:
        """Do nothing."""

    def count_dropped_lines(self, count: int) -> None:
        """Do nothing."""

    def tell_state(self, workers: int, applied: int, refused: int) -> None:
        """Do nothing."""

    def count_death(self) -> None:
        """Do nothing."""

    def read(self) -> Totals:
        """Read nothing."""
        return {}


def _count_nothing(_probability: float, _seconds: float) -> None:
    """Do nothing."""
