"""An evaluation, made by hand: every member, with figures that agree with one another."""

from __future__ import annotations

from augury.artifact.evaluation import (
    CalibrationBin,
    Confusion,
    Decile,
    Decomposition,
    Estimate,
    Evaluation,
    Group,
    HeldOut,
    Metrics,
    Profit,
)
from augury.contract.fields import Bounds


def make_evaluation(threshold: float) -> Evaluation:
    """An evaluation on 200 rows, 50 of them positive; its calibration and deciles have two bins each."""
    return Evaluation(
        held_out=HeldOut("stratified", None, 203, 3),
        confidence=0.95,
        resamples=1000,
        metrics=make_metrics(threshold, 200, 50),
        decomposition=Decomposition(_about(0.0125), _about(0.06), _about(0.1875)),
        calibration=(
            CalibrationBin(0.01, 0.25, 100, _about(0.125), _about(0.1)),
            CalibrationBin(0.26, 0.96, 100, _about(0.375), _about(0.4)),
        ),
        deciles=(
            Decile(0.5, 100, 0.26, _about(0.8), Estimate(1.6, 1.5, 1.75)),
            Decile(1.0, 200, 0.01, Estimate(1.0, 1.0, 1.0), Estimate(1.0, 1.0, 1.0)),
        ),
        profit=Profit(100.0, 5.0, 0.3, Estimate(550.0, 410.5, 700.25), Estimate(500.0, -12.0, 1100.0)),
        groups=(
            Group("contract", "one_year", None, make_metrics(threshold, 120, 30)),
            Group("phoneservice", False, None, make_metrics(threshold, 40, 0)),
            Group("tenure", None, Bounds(0.0, 12.0), make_metrics(threshold, 60, 60)),
            Group("totalcharges", None, None, make_metrics(threshold, 31, 1)),
        ),
    )


def make_metrics(threshold: float, rows: int, positives: int) -> Metrics:
    """Metrics of which three in five positives are flagged, and one in ten of the others."""
    has_both = 0 < positives < rows
    return Metrics(
        rows=rows,
        positives=positives,
        auc=_about(0.84) if has_both else None,
        average_precision=_about(0.64) if has_both else None,
        log_loss=_about(0.42),
        brier=_about(0.14),
        confusion=_make_confusion(threshold, positives, rows - positives),
    )


def _make_confusion(threshold: float, positives: int, negatives: int) -> Confusion:
    tp, fp = positives * 3 // 5, negatives // 10
    fn, tn = positives - tp, negatives - fp
    return Confusion(
        threshold,
        *(Estimate(float(count), 0.75 * count, 1.0 * count) for count in (tp, fp, fn, tn)),
        _about((tp + tn) / (positives + negatives)),
        _share(tp, tp + fp),
        _share(tp, positives),
        _share(tn, negatives),
        _share(2 * tp, 2 * tp + fp + fn),
    )


def _share(above: int, below: int) -> Estimate | None:
    return _about(above / below) if below else None


def _about(value: float) -> Estimate:
    """An interval about a share, inside [0, 1]."""
    return Estimate(value, value * 0.9, min(1.0, value * 1.1))
