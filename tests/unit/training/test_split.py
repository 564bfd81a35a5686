from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from augury.errors import TableError
from augury.tables.read import read_table
from augury.training.recipe import Split
from augury.training.roles import find_roles
from augury.training.split import Parts, make_folds, part_rows
from augury.training.target import Labelled

COUNT = 200
LABELS = np.arange(COUNT) % 4 == 0


def part(
    column: list[Any] | None = None, *, by: str = "time", labels: Any = LABELS, split: Split | None = None
) -> Parts:
    """Part rows by a column of times or groups, or as a split says."""
    cells = column or [0] * len(labels)
    table = read_table([{"y": int(label), "k": cell} for label, cell in zip(labels, cells, strict=True)])
    said: dict[str, Any] = {"time": None, "group": None} | ({by: "k"} if column else {})
    roles = find_roles(table, target="y", identifiers=[], drop=[], **said)
    labelled = Labelled(np.arange(len(labels)), labels)
    return part_rows(table, labelled, roles, split or Split(), has_test=by == "test")


def check_apart(parts: Parts) -> None:
    """Check that every row is on one side."""
    assert sorted([*parts.fitting, *parts.held]) == list(range(COUNT))


def test_a_stratified_split_keeps_the_shares() -> None:
    """Both sides have the share of positives of the whole, and the rows stand in the order of the table."""
    parts = part()
    check_apart(parts)
    assert (parts.how, len(parts.held)) == ("stratified", 40)
    assert parts.held_labels.mean() == parts.fitting_labels.mean() == 0.25
    assert list(parts.fitting) == sorted(parts.fitting)
    assert list(part().held) == list(parts.held)
    assert list(part(split=Split(seed=2)).held) != list(parts.held)


def test_a_random_split_is_scikit_learns() -> None:
    """Rows and their order are those of train_test_split with the same seed."""
    parts = part(split=Split(stratified=False, seed=7))
    fitting, held = train_test_split(np.arange(COUNT), test_size=0.2, random_state=7)
    assert parts.how == "random"
    assert list(parts.fitting) == list(fitting)
    assert list(parts.held) == list(held)


@pytest.mark.parametrize(
    "times",
    [
        [f"2026-{1 + at * 7 % 10:02d}-01" for at in range(COUNT)],
        [str(at * 7 % 10) for at in range(COUNT)],
        [at * 7 % 10 / 2 for at in range(COUNT)],
        [dt.date(2026, 1 + at * 7 % 10, 1) for at in range(COUNT)],
        [f"2026-11-{10 + at * 7 % 10}T10:30:00+01:00" for at in range(COUNT)],
    ],
    ids=["dates", "number texts", "numbers", "date objects", "timestamps"],
)
def test_the_last_in_time_are_held_out(times: list[Any]) -> None:
    """The share is met as nearly as whole times allow, and no time is on both sides."""
    parts = part(times)
    check_apart(parts)
    assert (parts.how, parts.column, len(parts.held)) == ("time", "k", 40)
    ranks = [at * 7 % 10 for at in range(COUNT)]
    assert max(ranks[at] for at in parts.fitting) < min(ranks[at] for at in parts.held)
    folds, _ = make_folds(parts, 5, 1)
    assert folds
    for fitting, held in folds:
        assert max(parts.keys[fitting]) < min(parts.keys[held])


@pytest.mark.parametrize("positives", [range(20), range(20, 160)], ids=["negatives", "positives"])
def test_where_one_class_alone_would_be_predicted_nothing_is_chosen(positives: range) -> None:
    """Where the later rows to fit on are all of one class no fold tells thresholds or penalties apart."""
    labels = np.isin(np.arange(COUNT), positives)
    labels[1] = not labels[0]
    assert make_folds(part(list(range(COUNT)), labels=labels), 5, 1) == ([], [])


def test_no_group_is_on_both_sides() -> None:
    """Whole groups are held out, and whole groups are left out of each fold."""
    parts = part([f"g{at % 17}" for at in range(COUNT)], by="group")
    check_apart(parts)
    assert {at % 17 for at in parts.fitting}.isdisjoint(at % 17 for at in parts.held)
    folds, _ = make_folds(parts, 5, 1)
    assert len(folds) == 5
    for fitting, held in folds:
        assert set(parts.keys[fitting]).isdisjoint(parts.keys[held])


def test_with_rows_of_their_own_all_are_fitted_on() -> None:
    """Nothing is held out of the table."""
    parts = part(by="test")
    assert (parts.how, len(parts.fitting), len(parts.held)) == ("table", COUNT, 0)


def test_folds_are_fewer_where_a_class_is() -> None:
    """Each fold has both classes to fit on, and that there are fewer is told."""
    labels = np.arange(COUNT) < 4
    parts = part(labels=labels)
    folds, notices = make_folds(parts, 5, 1)
    assert len(folds) == 3
    assert [notice.code for notice in notices] == ["folds"]
    assert "for one class has only 3 rows" in notices[0].sentence
    assert all(parts.fitting_labels[fitting].any() for fitting, _ in folds)


@pytest.mark.parametrize(("by", "reason"), [("time", "have only 3 times"), ("group", "have only 3 groups")])
def test_folds_are_fewer_where_times_or_groups_are(by: str, reason: str) -> None:
    """The sentence names what there is too little of, which is no class."""
    parts = part([at % 4 for at in range(COUNT)], by=by, labels=np.arange(COUNT) % 3 == 0)
    _, notices = make_folds(parts, 5, 1)
    assert reason in notices[0].sentence


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (["2026-01-01"] * COUNT, "all rows have one time in k"),
        (["2026-01-01", "yesterday"] * 100, "k holds 'yesterday', which is no time"),
        (["2026-01-01", "3"] * 100, "numbers and times without a zone, which cannot be compared"),
        (["2026-01-01T00:00:00Z", "2026-01-01"] * 100, "cannot be compared"),
        (["2026-01-01", None] * 100, "the time in k is null in some rows"),
        ([True, False] * 100, "which is no time"),
    ],
)
def test_a_column_that_holds_no_times_is_refused(times: list[Any], sentence: str) -> None:
    """What it holds is one sentence."""
    with pytest.raises(TableError) as refused:
        part(times)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("labels", "column", "by", "sentence"),
    [
        ([True], None, "time", "has 1 row whose class is known"),
        ([True, False], None, "time", "cannot be parted"),
        ([True] + [False] * 9, None, "time", "1 of the rarer class, cannot be parted"),
        ([True] * 2 + [False] * 8, list(range(10, 0, -1)), "time", "none is of the positive class"),
        ([True, False] * 5, ["a"] * 10, "group", "all rows are of one group"),
    ],
)
def test_too_few_rows_are_refused(labels: list[bool], column: list[Any] | None, by: str, sentence: str) -> None:
    """How many there are is one sentence."""
    with pytest.raises(TableError) as refused:
        part(column, by=by, labels=np.array(labels))
    assert sentence in str(refused.value)
