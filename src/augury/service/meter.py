"""Who counts what the service does; :mod:`augury.service.metrics` shows it to Prometheus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from augury.contract.faults import Fault, Note
from augury.prediction import Scorer


class Meter(Protocol):
    """Counts; nothing here may fail or wait."""

    def count_score(self, model: Scorer, probability: float) -> None:
        """Count the answer to one record."""

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:
        """Count what one record is refused for."""

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:
        """Count what was noted of one accepted record."""

    def count_request(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count one request: its route's template, None where no route was found."""


class NoMeter:
    """Counts nothing."""

    def count_score(self, model: Scorer, probability: float) -> None:
        """Do nothing."""

    def count_faults(self, model: Scorer, faults: Iterable[Fault]) -> None:
        """Do nothing."""

    def count_notes(self, model: Scorer, notes: Iterable[Note]) -> None:
        """Do nothing."""

    def count_request(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Do nothing."""
