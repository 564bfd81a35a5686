from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score

from augury.errors import UsageError
from augury.training.threshold import Policy, choose_threshold, find_short_decimal, read_policy

LABELS = np.array([False, False, True, False, True, True, False, True, False, True])
SCORES = np.array([0.05, 0.11, 0.13, 0.2, 0.31, 0.4, 0.45, 0.6, 0.61, 0.9])


def test_a_half_is_the_default() -> None:
    """Without a word the threshold is 0.5, and no fold is needed."""
    policy = read_policy(None, None, None, None, None)
    assert not policy.needs_folds
    assert choose_threshold(policy, None, None).threshold == 0.5


def test_f1_is_the_largest_there_is() -> None:
    """No threshold at all has a larger F1 on the same predictions."""
    found = choose_threshold(read_policy("f1", None, None, None, None), LABELS, SCORES)
    best = max(f1_score(LABELS, threshold <= SCORES) for threshold in SCORES)
    assert f1_score(LABELS, found.threshold <= SCORES) == best
    assert found.chosen.startswith(f"the largest F1, {best:.3f}")


def test_recall_is_reached_by_the_highest_threshold() -> None:
    """The recall is at least what was asked for, and one row higher it is not."""
    for recall in (0.2, 0.4, 0.5, 0.8, 1.0):
        found = choose_threshold(read_policy(None, recall, None, None, None), LABELS, SCORES).threshold
        assert recall_score(LABELS, found <= SCORES) >= recall
        higher = min(score for score in SCORES if score >= found)
        assert recall_score(LABELS, higher < SCORES) < recall


def test_a_recall_of_all_is_said_so() -> None:
    """All of the positives are found, not 1 of them."""
    found = choose_threshold(Policy(recall=1.0), LABELS, SCORES)
    assert found.chosen.startswith("the highest that finds all of the positives")
    assert found.threshold <= SCORES[LABELS].min()


def test_profit_is_the_largest_there_is() -> None:
    """No threshold at all earns more on the same predictions."""

    def earn(threshold: float) -> float:
        flagged = threshold <= SCORES
        return float((0.3 * 100 * LABELS[flagged] - 20).sum())

    found = choose_threshold(read_policy(None, None, 100, 20, 0.3), LABELS, SCORES)
    assert earn(found.threshold) == max([0.0, *map(earn, SCORES)])
    assert "a benefit of 100, a cost of 20 and 0.3 who accept" in found.chosen


def test_an_offer_that_earns_nothing_flags_nobody() -> None:
    """Where every contact costs more than it brings the threshold is 1."""
    assert choose_threshold(read_policy(None, None, 1, 50, None), LABELS, SCORES).threshold == 1.0


def test_rows_that_were_not_predicted_do_not_count() -> None:
    """A row without an out-of-fold prediction changes nothing."""
    policy = Policy(f1=True)
    labels, scores = np.append(LABELS, [True, True]), np.append(SCORES, [np.nan, np.nan])
    assert choose_threshold(policy, labels, scores) == choose_threshold(policy, LABELS, SCORES)


@pytest.mark.parametrize(
    ("below", "upto", "short"),
    [
        (0.31, 0.4, 0.4),
        (0.312, 0.318, 0.315),
        (0.24999, 0.25001, 0.25),
        (0.1, 0.1000000000000001, 0.10000000000000006),
        (1e-12, 3e-12, 2e-12),
        (-1.0, 0.2, 0.0),
        (0.95, 1.0, 1.0),
    ],
)
def test_the_threshold_is_short(below: float, upto: float, short: float) -> None:
    """Of the numbers that decide alike it is one with the fewest decimals."""
    found = find_short_decimal(below, upto)
    assert len(repr(found)) <= len(repr(short))
    assert below < found <= upto


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True))
def test_a_short_threshold_decides_alike(pair: list[float]) -> None:
    """Whatever the neighbours are, it is above the one and not above the other."""
    below, upto = sorted(pair)
    assert below < find_short_decimal(below, upto) <= upto


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ((0.5, 0.8, None, None, None), "threshold and recall each choose a threshold"),
        ((None, 0.8, 100, 5, None), "recall and benefit and cost each choose a threshold"),
        (("f1", None, None, 0.0, None), "threshold and benefit and cost each choose"),
        ((None, None, 100, None, None), "needs the cost too"),
        ((None, None, None, 5, None), "needs the benefit too"),
        ((None, None, -1, 5, None), "make no profit"),
        ((None, None, 100, 5, 1.5), "the accept 1.5 is not in (0, 1]"),
        ((None, 0.0, None, None, None), "the recall 0.0 is not in (0, 1]"),
        ((None, float("nan"), None, None, None), "the recall nan is not in (0, 1]"),
        ((1.5, None, None, None, None), "the threshold 1.5 is no probability"),
        (("f2", None, None, None, None), "is neither a number nor f1"),
        (("nan", None, None, None, None), "is no probability"),
    ],
)
def test_options_that_contradict_each_other_are_refused(said: tuple[object, ...], sentence: str) -> None:
    """Each is one sentence."""
    with pytest.raises(UsageError) as refused:
        read_policy(*said)  # type: ignore[arg-type]
    assert sentence in str(refused.value)
