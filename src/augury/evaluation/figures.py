"""The figures of counted rows: scikit-learn's metrics, written for counts so that a resample costs no sorting.

A bootstrap computes them a thousand times; `sklearn.metrics` checks and sorts its arguments each time, which takes ten
times as long. The tests hold each to scikit-learn's, with the rows repeated as often as they are counted, within 1e-12.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from scipy.optimize import isotonic_regression
from scipy.special import xlogy

from augury.evaluation.offer import Offer
from augury.evaluation.ranked import Counts, Floats, Integers

# `sklearn.metrics.log_loss` moves a probability of 0 or 1 by this much inwards, so that one row costs 36 nats at most.
CLIP = float(np.finfo(np.float64).eps)


class Costs(Struct, frozen=True):
    """What one row of each class costs at each distinct score, (n_scores,) each: nats, and squared errors."""

    log_negative: Floats
    log_positive: Floats
    square_negative: Floats
    square_positive: Floats


def find_costs(scores: Floats) -> Costs:
    """Find what a row costs at each score."""
    return Costs(
        -xlogy(1.0, np.clip(1.0 - scores, CLIP, 1.0 - CLIP)),
        -xlogy(1.0, np.clip(scores, CLIP, 1.0 - CLIP)),
        scores**2,
        (1.0 - scores) ** 2,
    )


def compute_ranking(counts: Counts) -> Floats:
    """Compute AUC and average precision; both are NaN where a class has no row.

    The AUC is the share of pairs of a positive and a negative in which the positive stands higher, ties counting half.
    The average precision is the precision at each score, weighted with the positives there.
    """
    negatives, positives = counts.negatives.sum(), counts.positives.sum()
    if not negatives or not positives:
        return np.array([np.nan, np.nan])
    below = np.cumsum(counts.negatives) - counts.negatives / 2
    flagged = np.cumsum(counts.both[::-1])[::-1]
    found = np.cumsum(counts.positives[::-1])[::-1]
    # Above the highest score that was drawn nothing is flagged, and no positive weighs the quotient.
    precision = found / np.maximum(flagged, 1.0)
    auc = (counts.positives * below).sum() / (negatives * positives)
    return np.array([auc, (counts.positives * precision).sum() / positives])


def compute_losses(counts: Counts, costs: Costs) -> Floats:
    """Compute the mean log loss, in nats, and the Brier score."""
    log = counts.negatives * costs.log_negative + counts.positives * costs.log_positive
    square = counts.negatives * costs.square_negative + counts.positives * costs.square_positive
    totals: Floats = np.array([log.sum(), square.sum()])
    return totals / float(counts.both.sum())


def compute_confusion(counts: Counts, first: int) -> Floats:
    """Compute the decisions where the scores from the index ``first`` up are flagged; NaN without a denominator.

    In the order of :class:`augury.artifact.evaluation.Confusion`: true and false positives, false and true negatives,
    accuracy, precision, recall, specificity, F1.
    """
    tp, fp = counts.positives[first:].sum(), counts.negatives[first:].sum()
    fn, tn = counts.positives[:first].sum(), counts.negatives[:first].sum()
    above = np.array([tp + tn, tp, tp, tn, 2 * tp])
    below = np.array([tp + fp + fn + tn, tp + fp, tp + fn, tn + fp, 2 * tp + fp + fn])
    shares = np.divide(above, below, out=np.full(5, np.nan), where=below > 0)
    return np.concatenate(([tp, fp, fn, tn], shares))


def recalibrate(counts: Counts) -> tuple[Integers, Floats]:
    """Fit the share of positives as a rising function of the score, by isotonic regression.

    Returns:
        The indices of the scores that stand among the rows, and the share at each.
    """
    both = counts.both
    (present,) = np.nonzero(both)
    shares = counts.positives[present] / both[present]
    fitted: Floats = isotonic_regression(shares, weights=both[present]).x
    return present, fitted


def compute_decomposition(counts: Counts, costs: Costs) -> Floats:
    """Compute miscalibration, discrimination and uncertainty, as Dimitriadis, Gneiting and Jordan (2021) do."""
    rows = counts.both.sum()
    present, shares = recalibrate(counts)
    squares = counts.negatives[present] * shares**2 + counts.positives[present] * (1.0 - shares) ** 2
    recalibrated = squares.sum() / rows
    base = counts.positives.sum() / rows
    uncertainty = base * (1.0 - base)
    brier = compute_losses(counts, costs)[1]
    return np.array([brier - recalibrated, uncertainty - recalibrated, uncertainty])


def compute_calibration(counts: Counts, scores: Floats, starts: Integers) -> Floats:
    """Compute, of each bin that begins at one of ``starts``, the mean probability and the share of positives.

    Both are NaN in a bin without rows. First all means, then all shares.
    """
    both = counts.both
    rows = np.add.reduceat(both, starts)
    sums = np.add.reduceat(np.stack((both * scores, counts.positives)), starts, axis=1)
    means: Floats = np.divide(sums, rows, out=np.full(sums.shape, np.nan), where=rows > 0)
    return means.ravel()


def compute_gain(counts: Counts, deciles: Integers) -> Floats:
    """Compute gain and lift of the so many rows with the highest scores; NaN without positives.

    Where such a number ends between equal scores, it holds their positives in proportion. First all gains, then all
    lifts.
    """
    positives = counts.positives.sum()
    if not positives:
        return np.full(2 * deciles.size, np.nan)
    rows = np.concatenate(([0.0], np.cumsum(counts.both[::-1])))
    found = np.concatenate(([0.0], np.cumsum(counts.positives[::-1])))
    gain = np.interp(deciles, rows, found) / positives
    return np.concatenate((gain, gain * rows[-1] / deciles))


def compute_profit(counts: Counts, first: int, offer: Offer) -> Floats:
    """Compute what contacting those from the index ``first`` up would earn, and what contacting everyone would."""
    earned = offer.gain * counts.positives - offer.cost * counts.both
    return np.array([earned[first:].sum(), earned.sum()])
