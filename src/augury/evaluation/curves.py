"""The curves on the rows held out, thinned to what a plot can show."""

from __future__ import annotations

from msgspec import Struct


class Curve(Struct, frozen=True):
    """Points ``(x[i], y[i])`` in the order in which they are joined."""

    x: tuple[float, ...]
    y: tuple[float, ...]


class ThresholdCurves(Struct, frozen=True):
    """What the decisions would be at each threshold, rising; a share without a denominator is NaN."""

    thresholds: tuple[float, ...]
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]
    flagged: tuple[float, ...]
    profit: tuple[float, ...] | None


class Histogram(Struct, frozen=True):
    """How many rows of each class have a probability in each of the bins between ``edges``."""

    edges: tuple[float, ...]
    negatives: tuple[int, ...]
    positives: tuple[int, ...]


class Curves(Struct, frozen=True):
    """The curves of one evaluation.

    Args:
        roc: false positive rate → true positive rate.
        precision_recall: recall → precision.
        calibration: predicted probability → share of positives, by isotonic regression.
        thresholds: on the rows held out.
        chosen_on: the same on the out-of-fold predictions, where the threshold was chosen; None where it was given.
        scores: how the probabilities are distributed.
    """

    roc: Curve
    precision_recall: Curve
    calibration: Curve
    thresholds: ThresholdCurves
    chosen_on: ThresholdCurves | None
    scores: Histogram
