import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import auc, f1_score, precision_recall_curve, precision_score, recall_score, roc_curve

from augury.evaluation.draw import draw_curves, draw_thresholds
from augury.evaluation.offer import Offer
from tests.unit.evaluation.tables import draw_table

LABELS, PROBABILITIES = draw_table(1, 300, ties=50)
CURVES = draw_curves(LABELS, PROBABILITIES, offer=Offer(100.0, 5.0, 0.3))


def test_curves_are_those_of_scikit_learn() -> None:
    """Few points are all kept: ROC and precision-recall are scikit-learn's."""
    false, true, _ = roc_curve(LABELS, PROBABILITIES)
    assert_allclose((CURVES.roc.x, CURVES.roc.y), (false, true))
    precision, recall, _ = precision_recall_curve(LABELS, PROBABILITIES)
    assert_allclose((CURVES.precision_recall.x, CURVES.precision_recall.y), (recall[::-1], precision[::-1]))


def test_many_points_are_thinned() -> None:
    """A curve of thousands of points keeps 400 at most, both ends, and its area to a thousandth."""
    labels, probabilities = draw_table(2, 20_000)
    curve = draw_curves(labels, probabilities).roc
    false, true, _ = roc_curve(labels, probabilities)
    assert len(curve.x) <= 400 < false.size
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert set(zip(curve.x, curve.y, strict=True)) <= set(zip(false.tolist(), true.tolist(), strict=True))
    assert auc(curve.x, curve.y) == pytest.approx(auc(false, true), abs=1e-3)


def test_the_calibration_curve_rises() -> None:
    """The isotonic curve goes over the distinct probabilities and never falls."""
    assert CURVES.calibration.x == tuple(np.unique(PROBABILITIES).tolist())
    assert (np.diff(CURVES.calibration.y) >= 0).all()


def test_thresholds_say_what_would_be_decided() -> None:
    """At each threshold precision, recall, F1, the share flagged and the profit are those of the decisions there."""
    curves = CURVES.thresholds
    assert (np.diff(curves.thresholds) > 0).all()
    assert (curves.thresholds[0], curves.thresholds[-1]) == (PROBABILITIES.min(), PROBABILITIES.max())
    assert curves.profit is not None
    for at in range(0, len(curves.thresholds), 10):
        flagged = curves.thresholds[at] <= PROBABILITIES
        expected = [score(LABELS, flagged) for score in (precision_score, recall_score, f1_score)]
        found = (curves.precision[at], curves.recall[at], curves.f1[at], curves.flagged[at], curves.profit[at])
        assert_allclose(found, [*expected, flagged.mean(), 30.0 * LABELS[flagged].sum() - 5.0 * flagged.sum()])


def test_thresholds_are_where_the_rows_are() -> None:
    """Where nearly all probabilities are tiny, half of the thresholds lie among them."""
    probabilities = np.concatenate((np.linspace(1e-5, 1e-3, 990), np.linspace(0.5, 0.9, 10)))
    thresholds = np.array(draw_thresholds([0, 1] * 500, probabilities).thresholds)
    assert thresholds.size > 150
    assert (thresholds <= 1e-3).sum() > 50 < (thresholds > 0.01).sum()


def test_no_point_is_a_customers_own_probability() -> None:
    """Thresholds and the calibration curve stand at probabilities of three digits, however exact the scores are."""
    labels, probabilities = draw_table(3, 100)
    curves = draw_curves(labels, probabilities)
    for drawn in (curves.thresholds.thresholds, curves.calibration.x):
        assert len(drawn) > 20
        assert not set(drawn) & set(probabilities.tolist())


def test_what_was_chosen_on_is_passed_on() -> None:
    """The curves of the out-of-fold predictions stand beside those of the rows held out."""
    chosen_on = draw_thresholds(LABELS, PROBABILITIES)
    assert chosen_on.profit is None
    assert draw_curves(LABELS, PROBABILITIES, chosen_on=chosen_on).chosen_on == chosen_on


def test_scores_are_counted_by_class() -> None:
    """The histogram counts every row once, a probability of 1 too."""
    scores = draw_curves([0, 1, 1], [0.0, 1.0, 0.52]).scores
    assert len(scores.edges) == 21
    assert (sum(scores.negatives), sum(scores.positives)) == (1, 2)
    assert (scores.negatives[0], scores.positives[10], scores.positives[-1]) == (1, 1, 1)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_no_roc(label: int) -> None:
    """Curves that need both classes have no points where one has no row, and the others are drawn."""
    curves = draw_curves([label] * 3, [0.1, 0.2, 0.2])
    assert curves.roc.x == ()
    assert (curves.precision_recall.x == ()) == (label == 0)
    assert curves.calibration.y == (label, label)


def test_one_score_is_drawn() -> None:
    """Constant scores have one threshold, at which everyone is flagged."""
    curves = draw_curves([0, 1], [0.5, 0.5])
    assert (curves.thresholds.thresholds, curves.thresholds.flagged) == ((0.5,), (1.0,))
    assert curves.roc.x == (0.0, 1.0)
