from typing import Any

import numpy as np
import pytest
from msgspec import structs
from numpy.testing import assert_allclose
from sklearn.metrics import average_precision_score, brier_score_loss, confusion_matrix, log_loss, roc_auc_score

from augury.artifact.check_evaluation import find_evaluation_problems
from augury.artifact.evaluation import Evaluation, HeldOut
from augury.contract.fields import Bounds
from augury.errors import TableError
from augury.evaluation.evaluate import evaluate
from augury.evaluation.offer import Offer
from tests.unit.artifact.documents import make_contract
from tests.unit.evaluation.tables import Labels, Probabilities, draw_table, iter_tables

OFFER = Offer(100.0, 5.0, 0.3)
EXACT: dict[str, Any] = {"rtol": 0, "atol": 1e-12}


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about the width of an interval, so that few resamples will do."""
    monkeypatch.setattr("augury.evaluation.bootstrap._MOST_RESAMPLES", 50)


def _evaluate(labels: Any, probabilities: Any, *, threshold: float = 0.5, **asked: Any) -> Evaluation:
    """Evaluate, and hold what comes out to what an artifact is held to."""
    held_out = HeldOut("stratified", None, len(labels), 0)
    found = evaluate(labels, probabilities, threshold=threshold, held_out=held_out, **asked)
    assert list(find_evaluation_problems(make_contract(), threshold, found)) == []
    return found


@pytest.mark.parametrize(("labels", "probabilities"), list(iter_tables()))
def test_every_metric_is_scikit_learns(labels: Labels, probabilities: Probabilities) -> None:
    """The values in an evaluation are scikit-learn's, in their places, and satisfy the artifact."""
    found = _evaluate(labels, probabilities, offer=OFFER)
    metrics = found.metrics
    assert metrics.auc is not None
    assert metrics.average_precision is not None
    assert metrics.confusion is not None
    values = [figure.value for figure in (metrics.auc, metrics.average_precision, metrics.log_loss, metrics.brier)]
    scored = [f(labels, probabilities) for f in (roc_auc_score, average_precision_score, log_loss, brier_score_loss)]
    assert_allclose(values, scored, **EXACT)
    (tn, fp), (fn, tp) = confusion_matrix(labels, probabilities >= 0.5, labels=[0, 1])
    decided = metrics.confusion
    counts = (decided.true_positives, decided.false_positives, decided.false_negatives, decided.true_negatives)
    assert [count.value for count in counts] == [tp, fp, fn, tn]
    assert found.profit is not None
    assert_allclose(found.profit.flagged.value, 30.0 * tp - 5.0 * (tp + fp), **EXACT)
    assert_allclose(found.profit.everyone.value, 30.0 * labels.sum() - 5.0 * labels.size, **EXACT)


def test_bins_hold_equally_many_rows() -> None:
    """Of 95 rows the ten bins hold nine or ten each, their ranges rise, and their means are those of their rows."""
    labels, probabilities = draw_table(8, 95)
    bins = _evaluate(labels, probabilities).calibration
    assert [each.rows for each in bins] == [10, 9, 10, 9, 10, 9, 10, 9, 10, 9]
    ranked = np.sort(probabilities)
    for each, end in zip(bins, np.cumsum([each.rows for each in bins]), strict=True):
        first, last = ranked[end - each.rows], ranked[end - 1]
        assert (each.low, each.high) == (float(f"{first:.3g}"), float(f"{last:.3g}"))
        inside = (probabilities >= first) & (probabilities <= last)
        assert_allclose(each.predicted.value, probabilities[inside].mean(), **EXACT)
        assert_allclose(each.observed.value, labels[inside].mean(), **EXACT)


def test_ties_stay_in_one_bin() -> None:
    """Rows of one probability are in one bin, so that there may be fewer than ten."""
    bins = _evaluate([0, 1] * 50, [0.25] * 60 + [0.5] * 35 + [0.75] * 5).calibration
    assert [(each.low, each.high, each.rows) for each in bins] == [(0.25, 0.25, 60), (0.5, 0.5, 35), (0.75, 0.75, 5)]


def test_deciles_are_cumulative() -> None:
    """Each decile holds those before it, down to its lowest probability, and the last holds everyone."""
    labels, probabilities = draw_table(9, 203)
    deciles = _evaluate(labels, probabilities).deciles
    assert [each.rows for each in deciles] == [21, 41, 61, 82, 102, 122, 143, 163, 183, 203]
    falling = np.sort(probabilities)[::-1]
    for each in deciles:
        lowest = falling[each.rows - 1]
        assert each.lowest == float(f"{lowest:.3g}")
        inside = probabilities >= lowest
        assert inside.sum() == each.rows
        gain = labels[inside].sum() / labels.sum()
        assert_allclose([each.share, each.gain.value], [each.rows / 203, gain], **EXACT)
        assert_allclose(each.lift.value, gain / each.share, **EXACT)
    last = deciles[-1]
    assert (last.gain.low, last.gain.high, last.lift.low, last.lift.high) == (1.0, 1.0, 1.0, 1.0)


def test_ties_stay_in_one_decile() -> None:
    """A decile that would cut through rows of one probability takes them all."""
    deciles = _evaluate([1, 0] * 20, [0.75] * 10 + [0.25] * 30).deciles
    assert [(each.rows, each.lowest) for each in deciles] == [(10, 0.75), (40, 0.25)]


@pytest.mark.parametrize(("rows", "most"), [(3, 1), (9, 1), (12, 2), (49, 9), (500, 10)])
def test_no_bin_and_no_decile_tells_what_became_of_a_few(rows: int, most: int) -> None:
    """A bin, and what a decile adds, holds five rows or more, however few there are and however they are tied."""
    labels, probabilities = draw_table(14, rows)
    labels[0] = 1
    for scores in (probabilities, np.round(probabilities, 1), np.append(np.full(rows - 1, 0.25), 0.75)):
        found = _evaluate(labels, scores)
        steps = np.diff([0, *(each.rows for each in found.deciles)]).tolist()
        for counts in ([each.rows for each in found.calibration], steps):
            assert sum(counts) == rows
            assert len(counts) <= most
            assert min(counts) >= min(rows, 5)


def test_groups_are_evaluated_by_themselves() -> None:
    """A group's metrics are those of its rows alone, intervals included."""
    labels, probabilities = draw_table(10, 400)
    contract = np.where(np.arange(400) % 4 == 0, "one_year", "two_year")
    found = _evaluate(labels, probabilities, groups={"contract": contract, "tenure": np.arange(400.0)})
    names = [(group.field, group.level, group.bounds) for group in found.groups]
    assert names == [
        ("contract", "one_year", None),
        ("contract", "two_year", None),
        *(("tenure", None, Bounds(low, low + 99)) for low in (0.0, 100.0, 200.0, 300.0)),
    ]
    alone = _evaluate(labels[::4], probabilities[::4])
    assert found.groups[0].metrics == alone.metrics
    assert found.metrics == _evaluate(labels, probabilities).metrics


def test_the_threshold_itself_is_flagged() -> None:
    """A probability that equals the threshold is flagged, as the model decides."""
    confusion = _evaluate([1, 0, 1], [0.31, 0.3, np.nextafter(0.31, 0)], threshold=0.31).metrics.confusion
    assert confusion is not None
    assert (confusion.true_positives.value, confusion.false_negatives.value) == (1.0, 1.0)
    assert confusion.threshold == 0.31


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_what_it_can(label: int) -> None:
    """Where one class has no row there is no AUC and no gain or specificity; the losses are there."""
    found = _evaluate([label] * 40, np.linspace(0.01, 0.99, 40), offer=OFFER)
    assert (found.metrics.auc, found.metrics.average_precision) == (None, None)
    assert found.metrics.log_loss.value == pytest.approx(
        log_loss([label] * 40, np.linspace(0.01, 0.99, 40), labels=[0, 1])
    )
    assert (len(found.deciles) == 0) == (label == 0)
    assert found.decomposition.uncertainty.value == 0.0
    assert found.metrics.confusion is not None
    assert (found.metrics.confusion.specificity is None) == (label == 1)
    assert (found.metrics.confusion.recall is None) == (label == 0)


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        ([1], [0.5]),
        ([0], [1.0]),
        ([0, 1], [0.25, 0.75]),
        ([1, 1], [0.0, 0.0]),
        ([0, 1] * 20, [0.5] * 40),
        ([0, 1] * 20, [0.0, 1.0] * 20),
        ([1, 0] * 20, [0.0, 1.0] * 20),
    ],
    ids=["one row", "one wrong row", "two rows", "certain and wrong", "constant", "perfect", "perfectly wrong"],
)
def test_the_least_tables_are_evaluated(labels: list[int], probabilities: list[float]) -> None:
    """Few rows, constant scores, and probabilities of exactly 0 and 1 give figures that satisfy the artifact."""
    found = _evaluate(labels, probabilities, offer=OFFER, groups={"contract": ["one_year"] * len(labels)})
    assert found.metrics.rows == len(labels)
    assert len(found.groups) == (len(labels) >= 30)


def test_a_certain_mistake_costs_36_nats() -> None:
    """Log loss is clipped as scikit-learn does, so that one row never costs more than -log(2**-52)."""
    assert _evaluate([0], [1.0]).metrics.log_loss.value == pytest.approx(52 * np.log(2))


def test_no_rows_are_refused() -> None:
    """Without a row there is nothing to say, in one sentence."""
    with pytest.raises(TableError, match="no row is left to evaluate the model on; hold out more rows"):
        evaluate([], [], threshold=0.5, held_out=HeldOut("random", None, 3, 3))


def test_the_same_seed_gives_the_same_evaluation() -> None:
    """An evaluation is a function of rows and seed; another seed moves the intervals alone."""
    labels, probabilities = draw_table(11, 150)
    first, again, other = (_evaluate(labels, probabilities, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.metrics.brier.value == other.metrics.brier.value


def test_labels_may_be_booleans() -> None:
    """True is 1, in an array or a list."""
    labels, probabilities = draw_table(12, 60)
    assert _evaluate(labels.astype(bool), probabilities) == _evaluate(labels.tolist(), probabilities.tolist())


def test_the_order_of_the_rows_counts_for_nothing_but_chance() -> None:
    """Rows in another order give the same values, whichever way their sums are rounded."""
    labels, probabilities = draw_table(13, 500)
    turned = _evaluate(labels[::-1], probabilities[::-1])
    found = _evaluate(labels, probabilities)
    assert structs.replace(found.metrics.brier, low=0, high=0) == structs.replace(turned.metrics.brier, low=0, high=0)
    assert [each.observed.value for each in found.calibration] == [each.observed.value for each in turned.calibration]
