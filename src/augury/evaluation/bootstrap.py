"""Intervals about figures: the percentile bootstrap of rows, with `scipy.stats.bootstrap`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from scipy.stats import DegenerateDataWarning, bootstrap

from augury.artifact.evaluation import Estimate
from augury.evaluation.ranked import Counts, Floats, Integers, Ranked

# Of every interval: 1 in 20 of them misses, which is what readers expect where nothing else is said.
CONFIDENCE = 0.95
# The ends of a 95 % interval move by about a twentieth of its width from one run of 1,000 to the next.
_MOST_RESAMPLES = 1_000
# Rows drawn by all resamples together, which takes about two seconds: of more rows fewer resamples will do, for the
# interval is narrow, and so is what chance adds to its ends.
_MOST_VISITS = 20_000_000
# Five resamples lie beyond either end, which is as few as a quantile can stand on.
_FEWEST_RESAMPLES = 200
# Rows drawn at a time: 32 MB of indices.
_BATCH = 4_000_000
# What the last digits of a sum are depends on the processor; these are the same on each, but for rare ties.
_DECIMALS = 12
# Drawn at random, so that the third digit is doubtful already.
_INTERVAL_DECIMALS = 9

# Some figures by name, each an array of any length.
Figures = dict[str, Floats]
Estimates = dict[str, list[Estimate | None]]


def find_resamples(rows: int) -> int:
    """Find how many resamples so many rows are given."""
    return min(_MOST_RESAMPLES, max(_FEWEST_RESAMPLES, _MOST_VISITS // rows))


def estimate(
    ranked: Ranked,
    measure: Callable[[Counts], Figures],
    *,
    exact: Figures,
    overstated: Collection[str] = (),
    seed: int,
) -> Estimates:
    """Estimate figures with their intervals.

    Rows are drawn with replacement, label and probability together, and every figure is computed of each resample. The
    interval is between two quantiles of what came out, of those resamples that have the figure: one without a positive
    has no AUC. That is the percentile interval; a figure that a resample overstates as much as the rows themselves do
    gets the basic one (Davison and Hinkley 1997, 5.2), which takes that off: it is the other's mirror image about the
    value, and ends at 0, for no such figure is negative.

    Args:
        ranked: the rows.
        measure: computes the figures of counted rows; NaN where one is not defined.
        exact: figures of all rows that are known already, in place of those that ``measure`` computes.
        overstated: the names of figures that a resample overstates.
        seed: of the draws.

    Returns:
        Each figure by its name; None where it is not defined on all rows.
    """
    figures = measure(ranked.count())
    values = np.concatenate(list((figures | exact).values()))
    drawn = _draw(ranked, lambda counts: np.concatenate(list(measure(counts).values())), seed)
    tail = (1 - CONFIDENCE) / 2
    known = ~np.isnan(values)
    ends = np.full((2, values.size), np.nan)
    ends[:, known] = np.nanquantile(drawn[known], (tail, 1 - tail), axis=1)
    mirrored = np.repeat([name in overstated for name in figures], [figure.size for figure in figures.values()])
    ends[:, mirrored] = np.maximum(2 * values - ends[::-1], 0.0)[:, mirrored]
    listed = iter([_make_estimate(*each) for each in zip(values.tolist(), *ends.tolist(), strict=True)])
    return {name: [next(listed) for _ in range(figure.size)] for name, figure in figures.items()}


def _make_estimate(value: float, low: float, high: float) -> Estimate | None:
    if np.isnan(value):
        return None
    # Adding zero makes a negative zero, which reads oddly, a plain one.
    return Estimate(
        round(value, _DECIMALS) + 0.0, round(low, _INTERVAL_DECIMALS) + 0.0, round(high, _INTERVAL_DECIMALS) + 0.0
    )


def _draw(ranked: Ranked, measure: Callable[[Counts], Floats], seed: int) -> Floats:
    """Compute the figures of every resample, (n_figures, n_resamples)."""
    if ranked.rows == 1:
        # One row can only be drawn again, and SciPy wants two.
        return measure(ranked.count())[:, np.newaxis]

    def measure_codes(codes: Integers, axis: int = -1) -> Floats:
        assert axis == -1
        drawn = [measure(ranked.count(each)) for each in codes.reshape(-1, ranked.rows)]
        return np.stack(drawn, axis=-1).reshape(-1, *codes.shape[:-1])

    with warnings.catch_warnings():
        # SciPy's own interval is NaN where the figure of one resample is; the quantiles are taken above, of the others.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        result = bootstrap(
            (ranked.codes,),
            measure_codes,
            n_resamples=find_resamples(ranked.rows),
            batch=max(1, _BATCH // ranked.rows),
            vectorized=True,
            axis=-1,
            confidence_level=CONFIDENCE,
            method="percentile",
            **_seed(seed),
        )
    return np.asarray(result.bootstrap_distribution)


def _seed(seed: int) -> dict[str, Any]:
    """Make the argument that seeds SciPy: ``rng`` since 1.15, ``random_state`` before; the draws are the same."""
    name = "rng" if "rng" in inspect.signature(bootstrap).parameters else "random_state"
    return {name: np.random.default_rng(seed)}
