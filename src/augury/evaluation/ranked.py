"""Rows ranked by their probability, and what a resample of them is: how often each probability was drawn, by class."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

# With the weights an exact score tells whose it is, for hardly two records of a table share one. So many digits say
# where a bin ends and where a point of a plot stands, and many records share them.
_DIGITS = 3


class Ranked(Struct, frozen=True):
    """Rows ranked by probability; equal probabilities are one.

    Args:
        labels: of each row, 0 or 1, (n_rows,).
        probabilities: of each row, (n_rows,).
        scores: the distinct probabilities, rising, (n_scores,).
        codes: of each row twice the index of its score, plus its label, (n_rows,).
    """

    labels: Integers
    probabilities: Floats
    scores: Floats
    codes: Integers

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.codes.size

    def count(self, codes: Integers | None = None) -> Counts:
        """Count how often each score stands among the given codes, or among all."""
        counted = np.bincount(self.codes if codes is None else codes, minlength=2 * self.scores.size)
        return Counts(*counted.reshape(-1, 2).T.astype(np.float64, order="C"))


class Counts(Struct, frozen=True):
    """How many rows of each class there are at each distinct score, rising, (n_scores,) each."""

    negatives: Floats
    positives: Floats

    @property
    def both(self) -> Floats:
        """How many rows there are at each score."""
        return self.negatives + self.positives


def rank_rows(labels: Any, probabilities: Any) -> Ranked:
    """Rank rows, given their labels (true or 1 for the positive class) and probabilities, (n_rows,) each."""
    known = np.asarray(labels).astype(np.intp)
    given = np.asarray(probabilities, dtype=np.float64)
    scores, which = np.unique(given, return_inverse=True)
    return Ranked(known, given, scores, 2 * which + known)


def blur(score: float) -> float:
    """Round a score, so that it is nobody's own."""
    return float(f"{score:.{_DIGITS}g}")
