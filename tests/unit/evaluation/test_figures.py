import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from augury.evaluation.figures import (
    compute_calibration,
    compute_confusion,
    compute_decomposition,
    compute_gain,
    compute_losses,
    compute_profit,
    compute_ranking,
    find_costs,
)
from augury.evaluation.offer import Offer
from augury.evaluation.ranked import rank_rows
from tests.unit.evaluation.tables import Labels, Probabilities, draw_table, iter_tables

TABLES = list(iter_tables())
# What the issue demands of every metric.
EXACT: dict[str, Any] = {"rtol": 0, "atol": 1e-12}


@pytest.fixture(params=[False, True], ids=["rows", "resample"])
def is_resampled(request: pytest.FixtureRequest) -> bool:
    """Each figure is computed of the rows themselves and of a resample of them."""
    return bool(request.param)


def _count(labels: Labels, probabilities: Probabilities, *, is_resampled: bool) -> tuple[Any, Any, Any]:
    """Count rows, or a resample of them that holds both classes; answer with the weight of each row too."""
    ranked = rank_rows(labels, probabilities)
    if not is_resampled:
        return ranked, ranked.count(), np.ones(labels.size)
    drawn = np.random.default_rng(labels.size).integers(0, labels.size, labels.size)
    drawn[:2] = (labels.argmin(), labels.argmax())
    return ranked, ranked.count(ranked.codes[drawn]), np.bincount(drawn, minlength=labels.size).astype(np.float64)


@pytest.mark.parametrize(("labels", "probabilities"), TABLES)
def test_ranking_is_that_of_scikit_learn(labels: Labels, probabilities: Probabilities, is_resampled: bool) -> None:
    """AUC and average precision are scikit-learn's, each row weighted with how often it was drawn."""
    _, counts, weights = _count(labels, probabilities, is_resampled=is_resampled)
    expected = [
        roc_auc_score(labels, probabilities, sample_weight=weights),
        average_precision_score(labels, probabilities, sample_weight=weights),
    ]
    assert_allclose(compute_ranking(counts), expected, **EXACT)


@pytest.mark.parametrize(("labels", "probabilities"), TABLES)
def test_losses_are_those_of_scikit_learn(labels: Labels, probabilities: Probabilities, is_resampled: bool) -> None:
    """Log loss, clipped in the same way, and Brier score are scikit-learn's."""
    ranked, counts, weights = _count(labels, probabilities, is_resampled=is_resampled)
    expected = [
        log_loss(labels, probabilities, sample_weight=weights, labels=[0, 1]),
        brier_score_loss(labels, probabilities, sample_weight=weights, pos_label=1),
    ]
    assert_allclose(compute_losses(counts, find_costs(ranked.scores)), expected, **EXACT)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
@pytest.mark.parametrize(("labels", "probabilities"), TABLES)
def test_decisions_are_those_of_scikit_learn(
    labels: Labels, probabilities: Probabilities, threshold: float, is_resampled: bool
) -> None:
    """Counts and shares at a threshold are scikit-learn's; a share without a denominator is NaN."""
    ranked, counts, weights = _count(labels, probabilities, is_resampled=is_resampled)
    flagged = probabilities >= threshold
    (tn, fp), (fn, tp) = confusion_matrix(labels, flagged, labels=[0, 1], sample_weight=weights)
    weighted: dict[str, Any] = {"sample_weight": weights, "zero_division": np.nan}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [
            tp, fp, fn, tn,
            accuracy_score(labels, flagged, sample_weight=weights),
            precision_score(labels, flagged, **weighted),
            recall_score(labels, flagged, **weighted),
            recall_score(labels, flagged, pos_label=0, **weighted),
            f1_score(labels, flagged, **weighted),
        ]  # fmt: skip
    first = int(np.searchsorted(ranked.scores, threshold))
    assert_allclose(compute_confusion(counts, first), expected, **EXACT)


@pytest.mark.parametrize(("labels", "probabilities"), TABLES)
def test_the_decomposition_is_exact(labels: Labels, probabilities: Probabilities, is_resampled: bool) -> None:
    """Miscalibration less discrimination plus uncertainty is the Brier score."""
    ranked, counts, _ = _count(labels, probabilities, is_resampled=is_resampled)
    costs = find_costs(ranked.scores)
    miscalibration, discrimination, uncertainty = compute_decomposition(counts, costs)
    brier = compute_losses(counts, costs)[1]
    assert_allclose(miscalibration - discrimination + uncertainty, brier, **EXACT)
    assert miscalibration >= -1e-15
    assert discrimination >= -1e-15


@pytest.mark.parametrize(("labels", "probabilities"), TABLES)
def test_the_decomposition_is_that_of_its_definition(
    labels: Labels, probabilities: Probabilities, is_resampled: bool
) -> None:
    """The parts are differences of mean squared errors: of the given, the recalibrated and the constant prediction.

    Computed here row by row, with scikit-learn's own isotonic regression.
    """
    ranked, counts, weights = _count(labels, probabilities, is_resampled=is_resampled)
    drawn = np.repeat(np.arange(labels.size), weights.astype(int))
    y, p = labels[drawn].astype(float), probabilities[drawn]
    # Ranks stand for the probabilities, for it takes those within 1e-16 of each other for one.
    recalibrated = IsotonicRegression().fit_transform(np.unique(p, return_inverse=True)[1], y)
    given, best, constant = (np.mean((y - q) ** 2) for q in (p, recalibrated, np.full(y.size, y.mean())))
    found = compute_decomposition(counts, find_costs(ranked.scores))
    assert_allclose(found, [given - best, constant - best, constant], **EXACT)


def test_calibration_is_that_of_scikit_learn() -> None:
    """Of rows without ties that ten divides, the bins' means are those of `calibration_curve` by quantile."""
    labels, probabilities = draw_table(3, 500)
    ranked = rank_rows(labels, probabilities)
    found = compute_calibration(ranked.count(), ranked.scores, np.arange(0, 500, 50))
    observed, predicted = calibration_curve(labels, probabilities, n_bins=10, strategy="quantile")
    assert_allclose(found, np.concatenate((predicted, observed)), **EXACT)


def test_a_bin_that_was_not_drawn_has_no_means() -> None:
    """A bin without rows in a resample is NaN, and the others are what they are."""
    ranked = rank_rows([0, 1, 1], [0.1, 0.2, 0.9])
    counts = ranked.count(ranked.codes[[2, 2, 2]])
    assert_allclose(compute_calibration(counts, ranked.scores, np.array([0, 2])), [np.nan, 0.9, np.nan, 1.0])


def test_gain_and_lift_are_shares_of_the_highest() -> None:
    """Gain is the share of the positives among the highest rows, lift what that is against their share of all."""
    labels, probabilities = draw_table(5, 200)
    order = np.argsort(-probabilities)
    found = compute_gain(rank_rows(labels, probabilities).count(), np.array([20, 100, 200]))
    gains = [labels[order[:count]].sum() / labels.sum() for count in (20, 100, 200)]
    assert_allclose(found, [*gains, gains[0] * 10, gains[1] * 2, 1.0], **EXACT)


def test_gain_shares_ties_in_proportion() -> None:
    """Rows of one probability that a decile cuts through give it their share of positives."""
    counts = rank_rows([1, 0, 1, 1], [0.5, 0.5, 0.5, 0.9]).count()
    assert_allclose(compute_gain(counts, np.array([1, 2, 4])), [1 / 3, 5 / 9, 1.0, 4 / 3, 10 / 9, 1.0], **EXACT)


def test_profit_is_what_the_flagged_bring() -> None:
    """Each contact costs, each flagged positive brings its share of the benefit."""
    counts = rank_rows([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.1]).count()
    assert_allclose(compute_profit(counts, 2, Offer(100.0, 5.0, 0.3)), [30.0 - 10.0, 60.0 - 20.0], **EXACT)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_ranking(label: int) -> None:
    """AUC and average precision are NaN where one class has no row."""
    assert np.isnan(compute_ranking(rank_rows([label] * 3, [0.1, 0.2, 0.3]).count())).all()
