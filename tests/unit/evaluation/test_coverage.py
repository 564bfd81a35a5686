import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from augury.evaluation.bootstrap import Figures, estimate
from augury.evaluation.figures import (
    compute_calibration,
    compute_confusion,
    compute_decomposition,
    compute_losses,
    compute_ranking,
    find_costs,
)
from augury.evaluation.ranked import Counts, Floats, Ranked, rank_rows
from tests.conftest import SOAK

# Rows of each simulated table. Fewer would test the method rather than this code: percentile intervals are too narrow
# by about 1/rows.
ROWS = 400
TABLES = 2000 if SOAK else 200
# Where a model flags, and where its bins begin.
EDGES = (0.0, 0.15, 0.3, 0.5)
# The model is too sure of itself: its margins are this many times the true ones.
SLOPE = 1.5
# An interval misses this often, and is allowed to by so much more or less than chance: percentile intervals of 400 rows
# cover about 0.94.
CONFIDENCE, TOLERANCE = 0.95, 0.015


def _draw_rows(random: np.random.Generator, rows: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Draw true probabilities, those that the model gives, and labels."""
    margins = random.normal(-0.8, 1.2, rows)
    true, given = (1.0 / (1.0 + np.exp(-slope * margins)) for slope in (1.0, SLOPE))
    return true, given, random.random(rows) < true


class _Measure:
    """Measures what the tests look at, of the rows themselves or a resample."""

    def __init__(self, ranked: Ranked) -> None:
        self.ranked = ranked
        self.costs = find_costs(ranked.scores)
        self.starts = np.searchsorted(ranked.scores, EDGES)

    def __call__(self, counts: Counts) -> Figures:
        return {
            "auc": compute_ranking(counts)[:1],
            "losses": compute_losses(counts, self.costs),
            "shares": compute_confusion(counts, int(self.starts[-1]))[4:8],
            "calibration": compute_calibration(counts, self.ranked.scores, self.starts),
            "recalibrated": compute_decomposition(counts, self.costs)[:2],
        }


def _find_truth() -> Floats:
    """Find the figures of a population: those of half a million rows, with shares of a class in place of labels."""
    true, given, _ = _draw_rows(np.random.default_rng(99), 500_000)
    ranked = rank_rows(np.zeros(true.size, dtype=int), given)
    order = np.argsort(given)
    measured = _Measure(ranked)(Counts(1.0 - true[order], true[order]))
    return np.concatenate(list(measured.values()))


@pytest.fixture(scope="module")
def covered() -> dict[str, Floats]:
    """How often the intervals of each figure held the figure of the population."""
    truth, random = _find_truth(), np.random.default_rng(4)
    hits = np.zeros(truth.size)
    sizes: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        # An end is a quantile of 5 resamples in 200: the noise that this adds lowers coverage by less than 0.01.
        patch.setattr("augury.evaluation.bootstrap._MOST_RESAMPLES", 200)
        for seed in range(TABLES):
            _, given, labels = _draw_rows(random, ROWS)
            ranked = rank_rows(labels, given)
            found = estimate(ranked, _Measure(ranked), exact={}, overstated={"recalibrated"}, seed=seed)
            sizes = {name: len(figures) for name, figures in found.items()}
            ends = np.array([(each.low, each.high) for figures in found.values() for each in figures if each])
            hits += (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    cuts = np.cumsum(list(sizes.values()))[:-1]
    return dict(zip(sizes, np.split(hits / TABLES, cuts), strict=True))


@pytest.mark.parametrize("name", ["auc", "losses", "shares", "calibration"])
def test_intervals_hold_the_truth_as_often_as_they_say(covered: dict[str, Floats], name: str) -> None:
    """Of simulated tables, 95 in 100 intervals hold the figure of the population, within what chance allows."""
    few, many = (binom.ppf(tail, TABLES, CONFIDENCE) / TABLES for tail in (1e-4, 1 - 1e-4))
    assert (covered[name] >= few - TOLERANCE).all(), covered[name]
    assert (covered[name] <= many + TOLERANCE).all(), covered[name]


def test_basic_intervals_of_recalibration_come_near(covered: dict[str, Floats]) -> None:
    """Intervals of miscalibration and discrimination, which no method gets quite right, hold the truth in 85 of 100."""
    assert (covered["recalibrated"] >= 0.85).all(), covered["recalibrated"]


def test_intervals_are_neither_narrow_nor_wide_on_average(covered: dict[str, Floats]) -> None:
    """Over all figures together an interval of 95 % is told from one of 90 or 98 %."""
    together = np.concatenate([shares for name, shares in covered.items() if name != "recalibrated"])
    assert 0.92 <= together.mean() <= 0.965
