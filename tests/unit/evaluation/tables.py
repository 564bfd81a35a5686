"""Tables of labels and probabilities with what evaluations get wrong: ties, ends of the unit interval, few rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.intp]
Probabilities = NDArray[np.float64]


def draw_table(seed: int, rows: int, *, ties: int | None = None, share: float = 0.3) -> tuple[Labels, Probabilities]:
    """Draw labels and probabilities that say something about them; ``ties`` is how many distinct ones there are."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < share).astype(np.intp)
    margins = random.normal(1.5 * labels - 1.0, 1.2)
    probabilities = 1.0 / (1.0 + np.exp(-margins))
    return labels, probabilities if ties is None else np.round(probabilities * ties) / ties


def iter_tables() -> Iterator[tuple[Labels, Probabilities]]:
    """Draw tables of many shapes, both classes in each."""
    for seed in range(12):
        rows = (2, 3, 7, 30, 101, 400)[seed % 6]
        labels, probabilities = draw_table(seed, rows, ties=(None, 20, 3)[seed % 3], share=(0.3, 0.02)[seed % 2])
        labels[:2] = (0, 1)
        yield labels, probabilities
    yield np.array([0, 1]), np.array([1.0, 0.0])
    yield np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 0.0, 1.0])
    yield np.array([0, 1, 0]), np.array([0.5, 0.5, 0.5])
    yield np.array([0, 1, 1]), np.array([5e-324, 1.0 - 2**-53, 1e-17])
