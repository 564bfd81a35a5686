"""Draw the curves of an evaluation, thinned to what a plot can show."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from augury.evaluation.curves import Curve, Curves, Histogram, ThresholdCurves
from augury.evaluation.figures import compute_confusion, compute_profit, recalibrate
from augury.evaluation.offer import Offer
from augury.evaluation.ranked import Floats, Ranked, blur, rank_rows

# A plot is some 600 points wide, so that more of these would be drawn over one another.
_MOST_POINTS = 400
# Half of the thresholds are spread evenly over the probabilities, half over the rows: a plot shows both ends of a long
# tail.
_MOST_THRESHOLDS = 200
# One for each twentieth: the usual thresholds are edges.
_BINS = 20


def draw_curves(
    labels: Any, probabilities: Any, *, offer: Offer | None = None, chosen_on: ThresholdCurves | None = None
) -> Curves:
    """Draw the curves of probabilities, (n_rows,), against what happened, (n_rows,).

    The ROC curve has no points where one class has no row, and the precision-recall curve none without positives.
    ``chosen_on`` is :func:`draw_thresholds` of the out-of-fold predictions that the threshold was chosen on.
    """
    ranked = rank_rows(labels, probabilities)
    return Curves(
        roc=_draw_roc(ranked),
        precision_recall=_draw_precision_recall(ranked),
        calibration=_draw_calibration(ranked),
        thresholds=_draw_ranked_thresholds(ranked, offer),
        chosen_on=chosen_on,
        scores=_count_scores(ranked),
    )


def draw_thresholds(labels: Any, probabilities: Any, *, offer: Offer | None = None) -> ThresholdCurves:
    """Draw what the decisions would be at each threshold."""
    return _draw_ranked_thresholds(rank_rows(labels, probabilities), offer)


def _draw_roc(ranked: Ranked) -> Curve:
    if ranked.labels.min() == ranked.labels.max():
        return Curve((), ())
    false, true, _ = roc_curve(ranked.labels, ranked.probabilities)
    return _thin(false, true)


def _draw_precision_recall(ranked: Ranked) -> Curve:
    if not ranked.labels.any():
        return Curve((), ())
    precision, recall, _ = precision_recall_curve(ranked.labels, ranked.probabilities)
    return _thin(recall[::-1], precision[::-1])


def _draw_calibration(ranked: Ranked) -> Curve:
    present, shares = recalibrate(ranked.count())
    curve = _thin(ranked.scores[present], shares)
    return Curve(tuple(map(blur, curve.x)), curve.y)


def _thin(x: Floats, y: Floats) -> Curve:
    """Keep points that are about equally far apart on the way along the curve, and both its ends."""
    if x.size > _MOST_POINTS:
        way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
        kept = np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], _MOST_POINTS)))
        kept[0], kept[-1] = 0, x.size - 1
        x, y = x[kept], y[kept]
    return Curve(tuple(x.tolist()), tuple(y.tolist()))


def _draw_ranked_thresholds(ranked: Ranked, offer: Offer | None) -> ThresholdCurves:
    counts, scores = ranked.count(), ranked.scores
    half = _MOST_THRESHOLDS // 2
    spread = np.linspace(scores[0], scores[-1], half)
    dense = np.quantile(ranked.probabilities, np.linspace(0.0, 1.0, half), method="lower")
    thresholds = np.unique(list(map(blur, np.concatenate((spread, dense)))))
    firsts = np.searchsorted(scores, thresholds, side="left").tolist()
    confusions = np.array([compute_confusion(counts, first) for first in firsts])
    profit = None if offer is None else tuple(float(compute_profit(counts, first, offer)[0]) for first in firsts)
    return ThresholdCurves(
        thresholds=tuple(thresholds.tolist()),
        precision=tuple(confusions[:, 5].tolist()),
        recall=tuple(confusions[:, 6].tolist()),
        f1=tuple(confusions[:, 8].tolist()),
        flagged=tuple((confusions[:, :2].sum(axis=1) / ranked.rows).tolist()),
        profit=profit,
    )


def _count_scores(ranked: Ranked) -> Histogram:
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    negatives, positives = (
        np.histogram(ranked.probabilities[ranked.labels == label], edges)[0].tolist() for label in (0, 1)
    )
    return Histogram(tuple(edges.tolist()), tuple(negatives), tuple(positives))
